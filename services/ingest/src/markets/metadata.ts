import type { Database, OutboxRow } from '@slipstream/db';
import { GAMMA_IDS_MAX, type GammaMarket, type PublicClient } from '@slipstream/exchange/public-client';
import type { Activity, Clock, Logger } from '@slipstream/runtime';
import { metasOf, resolvedOf } from '../core/market-meta.ts';
import { readResolved, storeMetas, storeResolution } from '../store/markets.ts';

const CHECK_EVERY_MS = 30_000;
const CONDITIONS_MAX = 5_000;
const FETCHES_AT_ONCE = 4;

export type MetadataOptions = {
  readonly db: Database;
  readonly client: PublicClient;
  readonly push: (rows: readonly OutboxRow[]) => void;
  readonly clock: Clock;
  readonly activity: Activity;
  readonly log: Logger;
};

export type Metadata = {
  /** Learns a token's market at its first sight; null where only the token is known. */
  readonly want: (tokenId: string, conditionId: string | null) => void;
  /** Something about the token changed: ask again at once. */
  readonly again: (tokenId: string) => void;
  readonly onResolved: (conditionId: string) => void;
  readonly start: () => Promise<void>;
};

type Known = { tokenIds: readonly string[]; seen: string };

/** What would make the stored metadata wrong, as Gamma shows it. */
const stateOf = (gamma: GammaMarket): string =>
  [gamma.endDate, gamma.closed, gamma.acceptingOrders, gamma.orderPriceMinTickSize].map(String).join(' ');

/** Keeps tick, minimum, fees, end and resolution of every market of interest. */
export function openMetadata(options: MetadataOptions): Metadata {
  const { db, client, clock, activity, log } = options;
  const known = new Map<string, Known>();
  const conditionOf = new Map<string, string>();
  const resolved = new Set<string>();
  const fetching = new Map<string, Promise<void>>();

  const fetchOnce = async (conditionId: string, gamma: GammaMarket | null): Promise<void> => {
    const [info, market] = await Promise.all([client.marketInfo(conditionId), client.market(conditionId)]);
    if (info.kind !== 'ok' || market.kind !== 'ok')
      return log.warn({ conditionId, info: info.kind, market: market.kind }, 'market.unknown');
    const row =
      gamma ??
      (await client
        .gammaMarkets([conditionId])
        .then((found) => (found.kind === 'ok' ? (found.value[0] ?? null) : null)));
    const metas = metasOf(info.value, market.value, row, clock.now());
    if (metas === null)
      return log.error(
        { conditionId, version: info.value.v, fees: info.value.fd !== null },
        'market.not-understood',
      );
    for (const meta of metas) conditionOf.set(meta.tokenId, conditionId);
    known.set(conditionId, { tokenIds: metas.map((meta) => meta.tokenId), seen: row ? stateOf(row) : '' });
    options.push(await storeMetas(db, metas));
  };

  const fetch = (conditionId: string, gamma: GammaMarket | null = null): Promise<void> => {
    const under = fetching.get(conditionId);
    if (under) return under;
    const work = activity
      .run(() => fetchOnce(conditionId, gamma), 'market')
      .catch((error: unknown) => log.warn({ conditionId, error: String(error) }, 'market.failed'))
      .finally(() => fetching.delete(conditionId));
    fetching.set(conditionId, work);
    return work;
  };

  const resolve = async (conditionId: string, gamma: GammaMarket | null): Promise<void> => {
    if (resolved.has(conditionId)) return;
    const tokenIds = known.get(conditionId)?.tokenIds ?? [];
    const answer = await client.resolution(conditionId);
    const outcome = resolvedOf(
      conditionId,
      tokenIds,
      answer.kind === 'ok' ? answer.value : null,
      gamma,
      clock.now(),
    );
    if (outcome === null) return;
    options.push(await storeResolution(db, outcome, clock.now()));
    resolved.add(conditionId);
  };

  /** One round over every market that is not paid out: what changed is fetched anew, what closed is resolved. */
  const checkSome = async (ids: readonly string[]): Promise<void> => {
    const rows = await client.gammaMarkets(ids);
    if (rows.kind !== 'ok') return log.warn({ answer: rows.kind }, 'gamma.unread');
    for (const row of rows.value) {
      const market = known.get(row.conditionId);
      if (market !== undefined && market.seen !== stateOf(row)) await fetch(row.conditionId, row);
      if (row.closed === true) await resolve(row.conditionId, row);
    }
  };

  const check = async (): Promise<void> => {
    const open = [...known.keys()].filter((id) => !resolved.has(id));
    const pages: string[][] = [];
    for (let i = 0; i < open.length; i += GAMMA_IDS_MAX) pages.push(open.slice(i, i + GAMMA_IDS_MAX));
    const next = async (): Promise<void> => {
      for (let page = pages.shift(); page !== undefined; page = pages.shift()) await checkSome(page);
    };
    await Promise.all(Array.from({ length: FETCHES_AT_ONCE }, next));
  };

  const learnToken = async (tokenId: string): Promise<void> => {
    const found = await client.conditionOf(tokenId);
    if (found.kind === 'ok') await fetch(found.value);
  };

  const want: Metadata['want'] = (tokenId, conditionId) => {
    const id = conditionId ?? conditionOf.get(tokenId);
    if (id === undefined) {
      activity
        .run(() => learnToken(tokenId), 'market')
        .catch((error: unknown) => log.warn({ tokenId, error: String(error) }, 'market.failed'));
      return;
    }
    if (known.has(id) || known.size >= CONDITIONS_MAX) return;
    fetch(id).catch(() => undefined);
  };

  return {
    want,
    again: (tokenId) => {
      const id = conditionOf.get(tokenId);
      if (id !== undefined) fetch(id).catch(() => undefined);
    },
    onResolved: (conditionId) => {
      activity
        .run(() => resolve(conditionId, null), 'resolve')
        .catch((error: unknown) => log.warn({ conditionId, error: String(error) }, 'resolve.failed'));
    },
    start: async () => {
      for (const id of await readResolved(db)) resolved.add(id);
      clock.poll('markets', CHECK_EVERY_MS, check);
    },
  };
}
