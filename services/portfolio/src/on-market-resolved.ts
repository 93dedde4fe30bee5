import type { Delivery } from '@slipstream/bus';
import type { MarketResolved } from '@slipstream/proto';
import type { Logger } from '@slipstream/runtime';
import type { Bookkeeper } from './bookkeeper.ts';
import type { AccountId } from './core/post.ts';

export type ResolutionPorts = {
  readonly log: Logger;
  /** Keeps the first resolution of each condition; gives the conditions that are told otherwise now. */
  readonly keep: (resolutions: readonly MarketResolved[]) => Promise<readonly string[]>;
  /** Accounts whose holdings are ours to settle. */
  readonly accounts: () => readonly AccountId[];
  readonly book: Bookkeeper['book'];
  /** Nobody needs these tokens' books any more. */
  readonly drop: (tokenIds: readonly string[]) => void;
};

/**
 * Consumes `copy.market.resolved.*`. Redelivery-safe: a holding is settled once per episode.
 *
 * 1. Keep the resolution, so that a fill that arrives later is settled as it is booked.
 * 2. Settle every holding of the condition at its exact payout, in one transaction per account.
 * 3. Give up the interest in its tokens.
 */
export const onMarketResolved =
  (io: ResolutionPorts) =>
  async (batch: readonly Delivery<MarketResolved>[]): Promise<void> => {
    const resolutions = batch.map((delivery) => delivery.message);
    for (const conditionId of await io.keep(resolutions))
      io.log.warn({ conditionId }, 'resolution.contradicted');
    const settleConditions = [...new Set(resolutions.map((resolution) => resolution.conditionId))].sort();
    for (const id of io.accounts()) await io.book({ id, entries: [], settleConditions });
    io.drop(resolutions.flatMap((resolution) => resolution.payouts.map((payout) => payout.tokenId)));
  };
