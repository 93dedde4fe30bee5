import type { ShareMicros } from '@slipstream/money';
import { openHttp } from './http.ts';
import { PageV2, PositionRowV2 } from './schemas.ts';

const PAGE_ROWS = 1_000;
/** Rows of one wallet that are read at most: twice what a copy account may hold. */
const PAGES_MAX = 4;

export type HeldToken = {
  readonly tokenId: string;
  readonly conditionId: string;
  readonly sizeMicros: ShareMicros;
};

export type PositionsClient = {
  /**
   * What a wallet (in lower case) holds according to the Data API, which is some seconds behind. All of it or nothing.
   * Errors: no answer, one that cannot be read, or more positions than anybody will read.
   */
  readonly of: (wallet: string) => Promise<readonly HeldToken[]>;
  readonly close: () => Promise<void>;
};

/** Reads positions from the Data API; holds no credential. Source: polymarket §5.1. */
export function openPositions({ dataUrl }: { readonly dataUrl: string }): PositionsClient {
  const http = openHttp();

  const page = async (wallet: string, cursor: string | null) => {
    const params = new URLSearchParams({
      user: wallet,
      limit: String(PAGE_ROWS),
      ...(cursor === null ? {} : { cursor }),
    });
    const reply = await http.get(`${dataUrl}/v2/positions?${params}`);
    if (reply.kind !== 'ok')
      throw new Error(`positions: ${reply.kind === 'failed' ? reply.why : 'the Data API has none'}`);
    const read = PageV2.safeParse(reply.value);
    const rows = PositionRowV2.array().safeParse(read.data?.data);
    if (!read.success || !rows.success) throw new Error('positions: not understood');
    if (rows.data.some((row) => row.proxy_wallet !== wallet)) throw new Error('positions: of another wallet');
    const { has_more, next_cursor } = read.data.pagination;
    return { rows: rows.data, next: has_more ? (next_cursor ?? null) : null };
  };

  return {
    of: async (wallet) => {
      const held: HeldToken[] = [];
      let cursor: string | null = null;
      for (let i = 0; i < PAGES_MAX; i++) {
        const { rows, next }: Awaited<ReturnType<typeof page>> = await page(wallet, cursor);
        for (const row of rows)
          held.push({ tokenId: row.token_id, conditionId: row.condition_id, sizeMicros: row.current_size });
        if (next === null) return held.filter(({ sizeMicros }) => sizeMicros > 0n);
        cursor = next;
      }
      throw new RangeError(`positions: more than ${PAGES_MAX * PAGE_ROWS}`);
    },
    close: http.close,
  };
}
