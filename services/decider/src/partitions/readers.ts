import type { Reader } from '@slipstream/bus';

/** The readers of the partitions that we hold. */
export type Readers = {
  /** Ends those of other partitions; resolves when what they had in hand is done. */
  keep(partitions: readonly number[]): Promise<void>;
  /** Opens those that are missing. */
  open(partitions: readonly number[]): Promise<void>;
};

export function createReaders(openReaders: (partition: number) => Promise<readonly Reader[]>): Readers {
  const open = new Map<number, readonly Reader[]>();
  return {
    keep: async (partitions) => {
      for (const [partition, readers] of [...open]) {
        if (partitions.includes(partition)) continue;
        open.delete(partition);
        await Promise.all(readers.map((reader) => reader.stop()));
      }
    },
    open: async (partitions) => {
      const missing = partitions.filter((partition) => !open.has(partition));
      await Promise.all(
        missing.map(async (partition) => void open.set(partition, await openReaders(partition))),
      );
    },
  };
}
