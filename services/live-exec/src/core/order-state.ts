import type { OrderStatus, ReasonCode } from '@slipstream/proto';

/** How far an order has come. A word about an earlier step, or about less of it, changes nothing. */
export type Progress = {
  readonly status: OrderStatus;
  readonly filledSizeMicros: bigint;
  readonly filledNotionalMicros: bigint;
  readonly feeMicros: bigint;
  readonly fillCount: number;
  readonly reason: ReasonCode | null;
  /** The exchange's words in ours. */
  readonly code: string | null;
};

/**
 * What may follow what. An end that says that less was filled stands below one that says that more was, since the
 * exchange may tell of a fill after we had taken the order for gone.
 */
const RANK: Readonly<Record<OrderStatus, number>> = {
  PENDING: 0,
  SUBMITTING: 1,
  SUBMISSION_UNKNOWN: 2,
  OPEN: 3,
  PARTIAL: 4,
  REJECTED: 5,
  CANCELED: 6,
  FILLED: 7,
  SHADOW_ONLY: 8,
  SKIPPED: 8,
};

const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/**
 * The order after a word about it; null when the word is late, or says nothing new. Figures never shrink.
 * Source: domain rules §6 ("Status is monotonic by rank").
 */
export function advance(known: Progress, heard: Progress): Progress | null {
  const ahead = RANK[heard.status] > RANK[known.status];
  const more = heard.filledSizeMicros > known.filledSizeMicros || heard.fillCount > known.fillCount;
  const exact =
    heard.filledSizeMicros === known.filledSizeMicros &&
    heard.filledNotionalMicros !== known.filledNotionalMicros &&
    heard.fillCount >= known.fillCount &&
    RANK[heard.status] >= RANK[known.status];
  if (!ahead && !more && !exact) return null;
  const next = ahead ? heard : known;
  return {
    ...next,
    filledSizeMicros: larger(known.filledSizeMicros, heard.filledSizeMicros),
    filledNotionalMicros:
      heard.filledSizeMicros >= known.filledSizeMicros
        ? heard.filledNotionalMicros
        : known.filledNotionalMicros,
    feeMicros: heard.filledSizeMicros >= known.filledSizeMicros ? heard.feeMicros : known.feeMicros,
    fillCount: Math.max(known.fillCount, heard.fillCount),
  };
}

/** The status of an order that will not fill further: all of it, or the rest is gone. */
export const endedAt = (filledSizeMicros: bigint, sizeMicros: bigint): 'FILLED' | 'CANCELED' =>
  filledSizeMicros > 0n && filledSizeMicros >= sizeMicros ? 'FILLED' : 'CANCELED';
