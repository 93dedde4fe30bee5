import { stamp } from '@slipstream/runtime';
import type { Activity } from '../venue/activity.ts';
import type { Venue } from '../venue/venue.ts';

/** Trades that are remembered; past it the oldest go. */
const KEPT_MAX = 100_000;
const DROPPED_PART = 10;

/** When a trade was told to whoever listens: the one end of every delay that is measured here. */
export type ToldTrade = {
  readonly transactionHash: string;
  readonly wallet: string;
  readonly tokenId: string;
  /** Wall microseconds since 1970. */
  readonly atMicros: number;
};

/** Keeps the moment at which each trade became visible. */
export function keepTold(venue: Venue): { readonly since: (atMicros: number) => readonly ToldTrade[] } {
  const told: ToldTrade[] = [];
  venue.on('trade', ({ transactionHash, wallet, tokenId }: Activity) => {
    if (told.length >= KEPT_MAX) told.splice(0, KEPT_MAX / DROPPED_PART);
    told.push({ transactionHash, wallet, tokenId, atMicros: stamp() });
  });
  return { since: (atMicros) => told.filter((one) => one.atMicros >= atMicros) };
}
