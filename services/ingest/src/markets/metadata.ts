import type { Database, OutboxRow } from '@slipstream/db';
import { GAMMA_IDS_MAX, type GammaMarket, type PublicClient } from '@slipstream/exchange/public-client';
import type { Activity, Clock, Logger } from '@slipstream/runtime';
import { metasOf } from '../core/market-meta.ts';
import { storeMetas } from '../store/markets.ts';
import type { Resolutions } from './resolutions.ts';

const CHECK_EVERY_MS = 30_000;
/** Markets kept at once; the one learned longest ago makes room, and is learned again when it is traded again. */
const MARKETS_MAX = 5_000;
/** Tokens whose market nobody knew yet; they are asked for again with every check. */
const UNKNOWN_MAX = 1_000;
const FETCHES_AT_ONCE = 4;

export type MetadataOptions = {
  readonly db: Database;
  readonly client: PublicClient;
  readonly resolutions: Resolutions;
  readonly push: (rows: readonly OutboxRow[]) => void;
  readonly clock: Clock;
  readonly activity: Activity;
  readonly log: Logger;
};

type Known = { readonly tokenIds: readonly string[]; readonly gamma: string; readonly closed: boolean };

/** What would make the stored metadata wrong, as Gamma shows it. */
const stateOf = (gamma: GammaMarket): string =>
  [gamma.endDate, gamma.closed, gamma.acceptingOrders, gamma.orderPriceMinTickSize].map(String).join(' ');

/** Runs through all of them, a few at once. */
async function forAll<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const left = [...all];
  const next = async (): Promise<void> => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) await work(one);
  };
  await Promise.all(Array.from({ length: FETCHES_AT_ONCE }, next));
}

/** Keeps tick, minimum, fees and end of every market of interest, and notices when one is decided. */
export class Metadata {
  readonly #options: MetadataOptions;
  readonly #known = new Map<string, Known>();
  readonly #conditionOf = new Map<string, string>();
  /** Tokens whose market could not be learned, with its condition where that is known. */
  readonly #unknown = new Map<string, string | null>();
  readonly #fetching = new Map<string, Promise<boolean>>();

  constructor(options: MetadataOptions) {
    this.#options = options;
  }

  /** Begins to look for what changes. */
  start(): void {
    this.#options.clock.poll('markets', CHECK_EVERY_MS, () => this.#check());
  }

  /** Learns a token's market at its first sight; null where only the token is known. */
  want(tokenId: string, conditionId: string | null): void {
    const id = conditionId ?? this.#conditionOf.get(tokenId) ?? null;
    if (id !== null && (this.#known.has(id) || this.#fetching.has(id))) return;
    this.#inBackground(() => this.#learn(tokenId, id));
  }

  /** Something about the token changed: ask again at once. */
  again(tokenId: string): void {
    const id = this.#conditionOf.get(tokenId);
    if (id !== undefined) this.#inBackground(() => this.#fetch(id));
  }

  /** The exchange says that the market is decided. */
  onClosed(conditionId: string): void {
    this.#inBackground(() => this.#confirm(conditionId, null));
  }

  #inBackground(work: () => Promise<unknown>): void {
    const { activity, log } = this.#options;
    activity
      .run(work, 'market')
      .catch((error: unknown) => log.warn({ error: String(error) }, 'market.failed'));
  }

  #confirm(conditionId: string, gamma: GammaMarket | null): Promise<void> {
    const tokenIds = this.#known.get(conditionId)?.tokenIds ?? [];
    return this.#options.resolutions.confirm(conditionId, tokenIds, gamma);
  }

  async #check(): Promise<void> {
    await forAll([...this.#unknown], ([tokenId, conditionId]) => this.#learn(tokenId, conditionId));
    const open = [...this.#known.keys()].filter((id) => !this.#options.resolutions.has(id));
    const pages: string[][] = [];
    for (let i = 0; i < open.length; i += GAMMA_IDS_MAX) pages.push(open.slice(i, i + GAMMA_IDS_MAX));
    await forAll(pages, (ids) => this.#checkSome(ids));
  }

  /** What changed is fetched anew, what closed is confirmed. Gamma may leave out closed markets: the CLOB knows them. */
  async #checkSome(ids: readonly string[]): Promise<void> {
    const { client, log } = this.#options;
    const answer = await client.gammaMarkets(ids);
    if (answer.kind !== 'ok') return log.warn({ answer: answer.kind }, 'gamma.unread');
    const rows = new Map(answer.value.map((row) => [row.conditionId, row]));
    for (const id of ids) {
      const row = rows.get(id) ?? null;
      if (row === null || this.#known.get(id)?.gamma !== stateOf(row)) await this.#fetch(id, row);
      if (row?.closed === true || this.#known.get(id)?.closed === true) await this.#confirm(id, row);
    }
  }

  async #learn(tokenId: string, conditionId: string | null): Promise<void> {
    let id = conditionId;
    if (id === null) {
      const found = await this.#options.client.conditionOf(tokenId);
      if (found.kind === 'ok') id = found.value;
    }
    if (id !== null && (await this.#fetch(id))) return;
    if (this.#unknown.size < UNKNOWN_MAX) this.#unknown.set(tokenId, id);
  }

  /** Whether the market is known after this. One request at a time; a call meanwhile shares it. Errors: none. */
  #fetch(conditionId: string, gamma: GammaMarket | null = null): Promise<boolean> {
    const { activity, log } = this.#options;
    const under = this.#fetching.get(conditionId);
    if (under) return under;
    const work = activity
      .run(() => this.#fetchOnce(conditionId, gamma), 'market')
      .catch((error: unknown) => {
        log.warn({ conditionId, error: String(error) }, 'market.failed');
        return false;
      })
      .finally(() => this.#fetching.delete(conditionId));
    this.#fetching.set(conditionId, work);
    return work;
  }

  async #fetchOnce(conditionId: string, seen: GammaMarket | null): Promise<boolean> {
    const { client, clock, db, log, push } = this.#options;
    const [info, market, gamma] = await Promise.all([
      client.marketInfo(conditionId),
      client.market(conditionId),
      seen ?? this.#gammaRow(conditionId),
    ]);
    if (info.kind !== 'ok' || market.kind !== 'ok') {
      log.warn({ conditionId, info: info.kind, market: market.kind }, 'market.unknown');
      return false;
    }
    const metas = metasOf(info.value, market.value, gamma, clock.now());
    if (metas === null) {
      log.error({ conditionId, version: info.value.v, fees: info.value.fd ?? null }, 'market.not-understood');
      return false;
    }
    const tokenIds = metas.map((meta) => meta.tokenId);
    push(await storeMetas(db, metas));
    this.#remember(conditionId, {
      tokenIds,
      gamma: gamma ? stateOf(gamma) : '',
      closed: market.value.closed,
    });
    return true;
  }

  async #gammaRow(conditionId: string): Promise<GammaMarket | null> {
    const answer = await this.#options.client.gammaMarkets([conditionId]);
    return answer.kind === 'ok' ? (answer.value[0] ?? null) : null;
  }

  #remember(conditionId: string, market: Known): void {
    this.#known.set(conditionId, market);
    for (const tokenId of market.tokenIds) {
      this.#conditionOf.set(tokenId, conditionId);
      this.#unknown.delete(tokenId);
    }
    if (this.#known.size <= MARKETS_MAX) return;
    const [oldest = ''] = this.#known.keys();
    for (const tokenId of this.#known.get(oldest)?.tokenIds ?? []) this.#conditionOf.delete(tokenId);
    this.#known.delete(oldest);
  }
}
