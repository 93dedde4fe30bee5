/** What waits to be taken into one piece of work, and who waits for it. */
type Waiting<T> = {
  readonly items: readonly T[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
};

/**
 * Joins what comes while work is under way into one next piece, so that eight readers cost one transaction and not
 * eight. Each caller waits for the piece that holds its items, and fails with it.
 */
export function createGatherer<T>(
  work: (items: readonly T[]) => Promise<void>,
  itemsMax: number,
): (items: readonly T[]) => Promise<void> {
  const queue: Waiting<T>[] = [];
  let running = false;

  const nextPiece = (): Waiting<T>[] => {
    let count = 0;
    let end = 0;
    for (const { items } of queue) {
      count += items.length;
      if (end > 0 && count > itemsMax) break;
      end += 1;
    }
    return queue.splice(0, end);
  };
  const runAll = async (): Promise<void> => {
    while (queue.length > 0) {
      const piece = nextPiece();
      try {
        await work(piece.flatMap(({ items }) => items));
        for (const { resolve } of piece) resolve();
      } catch (error) {
        for (const { reject } of piece) reject(error);
      }
    }
    running = false;
  };

  return (items) =>
    new Promise((resolve, reject) => {
      queue.push({ items, resolve, reject });
      if (running) return;
      running = true;
      void runAll();
    });
}
