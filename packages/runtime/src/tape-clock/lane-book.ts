export type Positions = Readonly<Record<string, number>>;

/** Positions that moved since they were last taken; undefined where none did. */
export type MovedPositions = {
  readonly produced: Positions | undefined;
  readonly consumed: Positions | undefined;
};

/** The lane that a reader reads: readers of one lane tell themselves apart with a suffix, `lane#reader`. */
export const laneOf = (reader: string): string => reader.split('#', 1)[0] ?? reader;

/** Where this process stands in every lane, as producer and as reader. Positions only move forward. */
export type LaneBook = {
  produced(lane: string, sequence: number): void;
  /** False when the reader was there already. */
  consumed(reader: string, sequence: number): boolean;
  need(lane: string, sequence: number): void;
  /** Readers that have not reached a needed position, in words. */
  lagging(): readonly string[];
  takeMoved(): MovedPositions;
};

/** Moves a position forward; false when it was there already, as a duplicate's old sequence is. */
function advance(positions: Map<string, number>, name: string, sequence: number): boolean {
  const known = positions.get(name);
  if (known !== undefined && known >= sequence) return false;
  positions.set(name, sequence);
  return true;
}

function take(moved: Map<string, number>): Positions | undefined {
  if (moved.size === 0) return undefined;
  const positions = Object.fromEntries(moved);
  moved.clear();
  return positions;
}

export function createLaneBook(): LaneBook {
  const produced = new Map<string, number>();
  const consumed = new Map<string, number>();
  const needs = new Map<string, number>();
  const movedProduced = new Map<string, number>();
  const movedConsumed = new Map<string, number>();
  return {
    produced: (lane, sequence) => {
      if (advance(produced, lane, sequence)) movedProduced.set(lane, sequence);
    },
    consumed: (reader, sequence) => {
      if (!advance(consumed, reader, sequence)) return false;
      movedConsumed.set(reader, sequence);
      return true;
    },
    need: (lane, sequence) => void advance(needs, lane, sequence),
    lagging: () => {
      if (needs.size === 0) return [];
      return [...consumed].flatMap(([reader, at]) => {
        const needed = needs.get(laneOf(reader));
        return needed !== undefined && at < needed ? [`lane ${reader} is at ${at} and needs ${needed}`] : [];
      });
    },
    takeMoved: () => ({ produced: take(movedProduced), consumed: take(movedConsumed) }),
  };
}
