import type { UsdMicros } from '@slipstream/money';
import type { z } from 'zod';
import { type Http, openHttp, type Reply } from './http.ts';

export { type Http, openHttp } from './http.ts';

import {
  type ActivityRow,
  ActivityV1,
  ActivityV2,
  BookRow,
  ByTokenRow,
  type GammaMarket,
  GammaMarketRow,
  MarketInfoRow,
  MarketRow,
  PageV1,
  PageV2,
  type PortfolioValue,
  PortfolioValueV1,
  PortfolioValueV2,
  ResolutionRow,
} from './schemas.ts';

export { parseJsonText } from './json-text.ts';
export { type HeldToken, openPositions, type PositionsClient } from './positions.ts';
export {
  type ActivityRow,
  ActivityV1,
  BookRow,
  type GammaMarket,
  type LevelChangeRow,
  type Market,
  type MarketInfo,
  PriceChangeRow,
  type Resolution,
  ResolvedRow,
  TickChangeRow,
} from './schemas.ts';

/** An answer of the exchange, that it has none, or why there is no answer that can be trusted. */
export type Answer<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'absent' }
  | { readonly kind: 'failed'; readonly why: string };

export type ActivityPage = {
  readonly rows: readonly ActivityRow[];
  /** Rows that could not be read, as text, with what is wrong. */
  readonly rubbish: readonly { readonly text: string; readonly why: string }[];
  /** Null: this was the last page. */
  readonly next: string | null;
};

export type ActivityQuery = {
  readonly wallet: string;
  /** Whole seconds since 1970, inclusive. */
  readonly startSecond: number;
  readonly cursor: string | null;
  readonly limit: number;
};

export type PublicClient = {
  book(tokenId: string): Promise<Answer<BookRow>>;
  marketInfo(conditionId: string): Promise<Answer<z.infer<typeof MarketInfoRow>>>;
  market(conditionId: string): Promise<Answer<z.infer<typeof MarketRow>>>;
  conditionOf(tokenId: string): Promise<Answer<string>>;
  /**
   * Rows of those that Gamma knows; rows that cannot be read are left out. At most `GAMMA_IDS_MAX` at once.
   * Gamma's lists may leave out closed markets unless only those are asked for.
   */
  gammaMarkets(conditionIds: readonly string[], only?: 'closed'): Promise<Answer<readonly GammaMarket[]>>;
  /** Oldest first from the start second on; page by page until `next` is null. */
  activity(query: ActivityQuery): Promise<Answer<ActivityPage>>;
  /** What the positions of a wallet (in lower case) are worth, as the exchange marks them; cash is not in it. */
  portfolioValue(wallet: string): Promise<Answer<UsdMicros>>;
  resolution(conditionId: string): Promise<Answer<z.infer<typeof ResolutionRow>>>;
  close(): Promise<void>;
};

export type PublicClientOptions = {
  readonly clobUrl: string;
  readonly dataUrl: string;
  readonly gammaUrl: string;
};

/** Conditions that one request to Gamma may name. */
export const GAMMA_IDS_MAX = 50;
const RUBBISH_CHARACTERS_MAX = 1_000;

/** The answer in our words, or that it is not what we know. */
function understood<S extends z.ZodType>(schema: S, reply: Reply): Answer<z.output<S>> {
  if (reply.kind !== 'ok') return reply;
  const parsed = schema.safeParse(reply.value);
  if (parsed.success) return { kind: 'ok', value: parsed.data };
  const [issue] = parsed.error.issues;
  return { kind: 'failed', why: `not understood: ${issue?.path.join('.')} ${issue?.message}` };
}

function readRows(
  schema: typeof ActivityV1 | typeof ActivityV2,
  rows: readonly unknown[],
  next: string | null,
): ActivityPage {
  const good: ActivityRow[] = [];
  const rubbish: { text: string; why: string }[] = [];
  for (const row of rows) {
    const parsed = schema.safeParse(row);
    if (parsed.success) good.push(parsed.data);
    else {
      const [issue] = parsed.error.issues;
      rubbish.push({
        text: JSON.stringify(row).slice(0, RUBBISH_CHARACTERS_MAX),
        why: `${issue?.path.join('.')} ${issue?.message}`,
      });
    }
  }
  return { rows: good, rubbish, next };
}

async function activityV2(http: Http, base: string, query: ActivityQuery): Promise<Answer<ActivityPage>> {
  const params = new URLSearchParams({
    user: query.wallet,
    start: String(query.startSecond),
    sort_direction: 'ASC',
    limit: String(query.limit),
    ...(query.cursor === null ? {} : { cursor: query.cursor }),
  });
  const page = understood(PageV2, await http.get(`${base}/v2/activity?${params}`));
  if (page.kind !== 'ok') return page;
  const { has_more, next_cursor } = page.value.pagination;
  return {
    kind: 'ok',
    value: readRows(ActivityV2, page.value.data, has_more ? (next_cursor ?? null) : null),
  };
}

/** Marks our cursors of v1, which has offsets instead; a cursor of v2 may be any text. */
const V1_CURSOR = 'v1-offset:';
const V1_LIMIT_MAX = 500;

async function activityV1(http: Http, base: string, query: ActivityQuery): Promise<Answer<ActivityPage>> {
  const offset = query.cursor === null ? 0 : Number(query.cursor.slice(V1_CURSOR.length));
  const limit = Math.min(query.limit, V1_LIMIT_MAX);
  const params = new URLSearchParams({
    user: query.wallet,
    start: String(query.startSecond),
    sortDirection: 'ASC',
    limit: String(limit),
    offset: String(offset),
  });
  const page = understood(PageV1, await http.get(`${base}/activity?${params}`));
  if (page.kind !== 'ok') return page;
  const next = page.value.length < limit ? null : `${V1_CURSOR}${offset + page.value.length}`;
  return { kind: 'ok', value: readRows(ActivityV1, page.value, next) };
}

/** An answer about another wallet than the one asked about is none. */
function worthOf(wallet: string, answer: Answer<PortfolioValue>): Answer<UsdMicros> {
  if (answer.kind !== 'ok') return answer;
  if (answer.value.wallet !== wallet) return { kind: 'failed', why: 'not understood: of another wallet' };
  return { kind: 'ok', value: answer.value.worthMicros };
}

const portfolioValueV2 = async (http: Http, base: string, wallet: string): Promise<Answer<UsdMicros>> =>
  worthOf(wallet, understood(PortfolioValueV2, await http.get(`${base}/v2/value?user=${wallet}`)));

const portfolioValueV1 = async (http: Http, base: string, wallet: string): Promise<Answer<UsdMicros>> =>
  worthOf(wallet, understood(PortfolioValueV1, await http.get(`${base}/value?user=${wallet}`)));

type DataVersion = 'v2' | 'v1';

/** Reads the exchange's public interfaces; holds no credential. Never throws: an outage is an answer. */
export function openPublicClient({ clobUrl, dataUrl, gammaUrl }: PublicClientOptions): PublicClient {
  const http = openHttp();
  /** Which version of the Data API answers; found out again whenever one is gone. */
  let version: DataVersion = 'v2';
  const read = async <T>(
    asked: DataVersion,
    from: Readonly<Record<DataVersion, () => Promise<Answer<T>>>>,
  ): Promise<Answer<T>> => {
    const first = await from[asked]();
    if (first.kind !== 'absent') return first;
    version = asked === 'v2' ? 'v1' : 'v2';
    return from[version]();
  };
  return {
    book: async (tokenId) => understood(BookRow, await http.get(`${clobUrl}/book?token_id=${tokenId}`)),
    marketInfo: async (id) => understood(MarketInfoRow, await http.get(`${clobUrl}/clob-markets/${id}`)),
    market: async (id) => understood(MarketRow, await http.get(`${clobUrl}/markets/${id}`)),
    conditionOf: async (tokenId) => {
      const found = understood(ByTokenRow, await http.get(`${clobUrl}/markets-by-token/${tokenId}`));
      return found.kind === 'ok' ? { kind: 'ok', value: found.value.condition_id } : found;
    },
    gammaMarkets: async (ids, only) => {
      const query = ids.map((id) => `condition_ids=${id}`).join('&');
      const reply = await http.get(
        `${gammaUrl}/markets?limit=${GAMMA_IDS_MAX}&${query}${only === 'closed' ? '&closed=true' : ''}`,
      );
      if (reply.kind !== 'ok') return reply;
      if (!Array.isArray(reply.value)) return { kind: 'failed', why: 'not understood: not a list' };
      return { kind: 'ok', value: reply.value.flatMap((row) => GammaMarketRow.safeParse(row).data ?? []) };
    },
    activity: (query) => {
      const from = {
        v2: () => activityV2(http, dataUrl, query),
        v1: () => activityV1(http, dataUrl, query),
      };
      // A cursor belongs to the version that gave it.
      if (query.cursor !== null) return from[query.cursor.startsWith(V1_CURSOR) ? 'v1' : 'v2']();
      return read(version, from);
    },
    portfolioValue: (wallet) =>
      read(version, {
        v2: () => portfolioValueV2(http, dataUrl, wallet),
        v1: () => portfolioValueV1(http, dataUrl, wallet),
      }),
    resolution: async (id) => {
      const page = understood(PageV2, await http.get(`${dataUrl}/v2/resolutions?condition=${id}`));
      if (page.kind !== 'ok') return page;
      const [row] = page.value.data;
      return row === undefined ? { kind: 'absent' } : understood(ResolutionRow, { kind: 'ok', value: row });
    },
    close: http.close,
  };
}
