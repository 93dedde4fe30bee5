import type { Bucket } from '@slipstream/bus';
import type { Interest, MarketMeta } from '@slipstream/proto';
import type { Clock, Logger } from '@slipstream/runtime';

/** A wish that nobody answered is said again this often. */
const AGAIN_MS = 10_000;

export type MarketsOptions = {
  readonly interest: Pick<Bucket<Interest>, 'put'>;
  readonly wantedBy: string;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Logger;
};

/** What the exchange says of markets, as ingest publishes it, and a way to ask for one that it does not know yet. */
export function createMarkets({ interest, wantedBy, clock, log }: MarketsOptions) {
  const known = new Map<string, MarketMeta>();
  const asked = new Map<string, number>();

  const want = (tokenId: string): void => {
    const now = clock.now();
    if (known.has(tokenId) || now.getTime() - (asked.get(tokenId) ?? -AGAIN_MS) < AGAIN_MS) return;
    asked.set(tokenId, now.getTime());
    const at = now.toISOString();
    interest.put(tokenId, { tokenId, wantedBy, since: at, refreshAt: at }).catch((error: unknown) => {
      asked.delete(tokenId);
      log.warn({ tokenId, error: String(error) }, 'market.unasked');
    });
  };

  return {
    onMeta: (meta: MarketMeta): void => {
      known.set(meta.tokenId, meta);
      asked.delete(meta.tokenId);
    },
    of: (tokenId: string): MarketMeta | undefined => known.get(tokenId),
    want,
    conditionOf: (tokenId: string): string | null => {
      const condition = known.get(tokenId)?.conditionId ?? null;
      if (condition === null) want(tokenId);
      return condition;
    },
  };
}
export type Markets = ReturnType<typeof createMarkets>;
