import type { Database, OutboxRow } from '@slipstream/db';
import type { GammaMarket, PublicClient } from '@slipstream/exchange/public-client';
import type { Activity, Clock, Logger } from '@slipstream/runtime';
import { resolvedOf } from '../core/market-meta.ts';
import { readResolved, storeResolution } from '../store/markets.ts';

export type ResolutionsOptions = {
  readonly db: Database;
  readonly client: Pick<PublicClient, 'resolution' | 'gammaMarkets'>;
  readonly push: (rows: readonly OutboxRow[]) => void;
  readonly clock: Clock;
  readonly activity: Activity;
  readonly log: Logger;
};

export type Resolutions = {
  readonly has: (conditionId: string) => boolean;
  /** Asks how a closed market was paid out, and says so once. `gamma` is its row, where the caller has it. */
  readonly confirm: (
    conditionId: string,
    tokenIds: readonly string[],
    gamma: GammaMarket | null,
  ) => Promise<void>;
};

/** Confirms payouts with the Data API, or with Gamma where that does not know; nobody's word alone is enough. */
export async function openResolutions(options: ResolutionsOptions): Promise<Resolutions> {
  const { db, client, clock, activity } = options;
  const resolved = new Set(await readResolved(db));
  const asking = new Map<string, Promise<void>>();

  const gammaRow = async (conditionId: string): Promise<GammaMarket | null> => {
    const answer = await client.gammaMarkets([conditionId], 'closed');
    return answer.kind === 'ok' ? (answer.value[0] ?? null) : null;
  };

  const ask = async (
    conditionId: string,
    tokenIds: readonly string[],
    known: GammaMarket | null,
  ): Promise<void> => {
    const answer = await client.resolution(conditionId);
    const resolution = answer.kind === 'ok' ? answer.value : null;
    const gamma = known ?? (resolution === null ? await gammaRow(conditionId) : null);
    const outcome = resolvedOf(conditionId, tokenIds, resolution, gamma, clock.now());
    if (outcome === null) return;
    options.push(await storeResolution(db, outcome, clock.now()));
    resolved.add(conditionId);
  };

  return {
    has: (conditionId) => resolved.has(conditionId),
    confirm: (conditionId, tokenIds, gamma) => {
      if (resolved.has(conditionId)) return Promise.resolve();
      const under = asking.get(conditionId);
      if (under) return under;
      const work = activity
        .run(() => ask(conditionId, tokenIds, gamma), 'resolution')
        .catch((error: unknown) =>
          options.log.warn({ conditionId, error: String(error) }, 'resolution.failed'),
        )
        .finally(() => asking.delete(conditionId));
      asking.set(conditionId, work);
      return work;
    },
  };
}
