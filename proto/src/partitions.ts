const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** Leader trades are spread over so many partitions, each with one active consumer. */
export const LEADER_PARTITIONS = 8;

/**
 * The partition of a subject's key, as the broker's own mapping `{{partition(n,1)}}` computes it: FNV-1a of 32 bits,
 * modulo the count. A wallet keeps its partition for ever.
 */
export function partitionOf(key: string, count: number): number {
  let hash = FNV_OFFSET;
  for (const byte of new TextEncoder().encode(key)) hash = Math.imul(hash ^ byte, FNV_PRIME) >>> 0;
  return hash % count;
}
