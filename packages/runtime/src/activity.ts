/**
 * What is under way in this process. The tape moves only when nothing is; on the wall clock every call is free.
 *
 * Work that follows other work begins before the first ends, so that no gap looks like rest. Busy are: a handler, a
 * request under way, a committed outbox row that is not published yet, a socket that is being opened again.
 *
 * A lane is one ordered kind of message (a channel's name, or `kv:<bucket>`). Two readers of one lane in one process
 * say so with a suffix, `lane#reader`: each must then keep up.
 */
export type Activity = {
  /** Busy while `work` runs. The label appears when the process cannot come to rest. */
  run<T>(work: () => Promise<T>, label?: string): Promise<T>;
  /** Busy until the returned `end` is called; calling it again does nothing. */
  begin(label?: string): () => void;
  /** A message of this lane is stored at this stream sequence. A duplicate's old sequence is harmless. */
  produced(lane: string, sequence: number): void;
  /**
   * Everything of this lane up to this sequence is handled, or filtered out, by this process. The first call declares
   * the reader: a reader that starts says 0 while it catches up, then the stream's last sequence.
   */
  consumed(lane: string, sequence: number): void;
  /** Proves that what was sent to us has arrived, e.g. ping and pong on a socket. Same name replaces. */
  barrier(name: string, wait: () => Promise<void>): void;
};

const nothing = (): void => undefined;

/** The activity of a process on the wall clock: nobody asks, so nothing is counted. */
export const idleActivity: Activity = {
  run: (work) => work(),
  begin: () => nothing,
  produced: nothing,
  consumed: nothing,
  barrier: nothing,
};
