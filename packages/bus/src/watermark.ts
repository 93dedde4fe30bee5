/** How far a durable has handled its messages, when some come again later than others. */
export type Watermark = {
  received(sequence: number): void;
  /** Acknowledged or dead: it will not come again. */
  settled(sequence: number): void;
  /** Everything up to this sequence is settled. */
  through(): number;
};

/** What the server knew of a durable when this process began to read it. */
export type StartingPoint = {
  /** Everything up to here was acknowledged. */
  readonly ackFloor: number;
  /** Everything up to here was delivered to somebody. */
  readonly delivered: number;
  /** Delivered to somebody and not acknowledged yet: these come to us after their time. */
  readonly unacknowledged: number;
};

/** Begins where the server says that the durable stands. */
export function createWatermark(start: StartingPoint): Watermark {
  const open = new Set<number>();
  const inherited = new Set<number>();
  let highest = start.delivered;
  return {
    received: (sequence) => {
      open.add(sequence);
      highest = Math.max(highest, sequence);
    },
    settled: (sequence) => {
      open.delete(sequence);
      if (sequence <= start.delivered) inherited.add(sequence);
    },
    through: () => {
      if (inherited.size < start.unacknowledged) return start.ackFloor;
      let through = highest;
      for (const sequence of open) through = Math.min(through, sequence - 1);
      return through;
    },
  };
}
