import { Agent, request } from 'undici';
import type { z } from 'zod';
import {
  BalanceReply,
  CancelAnswer,
  ClosedOnlyAnswer,
  fillsOf,
  HeartbeatAnswer,
  OrderRow,
  type Own,
  Page,
  TradeRow,
} from './account-schemas.ts';
import { parseJsonText } from './json-text.ts';
import { type Credentials, l2Headers, withoutSecrets } from './l2.ts';
import {
  type AccountPort,
  type Asset,
  type SignatureType,
  VenueError,
  type VenueFill,
  type VenueOrder,
} from './port.ts';

export { fillsOf, OrderRow, TradeRow } from './account-schemas.ts';
export { type Credentials, isOpenToOthers, l2Headers, readCredentials, withoutSecrets } from './l2.ts';

const CONNECTIONS_MAX = 8;
const CONNECT_WAIT_MS = 3_000;
/** From the first byte out to the last byte in, queueing and connecting included. */
const ANSWER_WAIT_MS = 10_000;
const HEADERS_WAIT_MS = 5_000;
/** A beat that takes longer is too late for the one after it: the exchange gives up after ten seconds. */
const BEAT_WAIT_MS = 3_000;
const BODY_BYTES_MAX = 8 * 1024 * 1024;
/** Pages read of one list: far more than an account of ours has, and an end for a cursor that turns in circles. */
const PAGES_MAX = 200;
/** Orders that one request may cancel. Source: polymarket §2.3. */
const CANCEL_MAX = 1_000;
const CURSOR_FIRST = 'MA==';
const CURSOR_END = 'LTE=';
const SAID_CHARACTERS_MAX = 200;
const MILLISECONDS = 1_000;
/** It becomes part of a path. */
const ORDER_ID = /^0x[0-9a-fA-F]{64}$/;

export type AccountOptions = {
  readonly clobUrl: string;
  /** The address that the credentials belong to: the one that signs. */
  readonly address: string;
  readonly credentials: Credentials;
  /** The wallet whose money moves, in lower case. */
  readonly funder: string;
  readonly signatureType: SignatureType;
  readonly now: () => Date;
};

type Method = 'GET' | 'POST' | 'DELETE';
type Call = {
  readonly method: Method;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly waitMs?: number;
};
type Said = { readonly status: number; readonly text: string };

/** A port to the account, with a pool of its own. */
export type Account = AccountPort & { readonly close: () => Promise<void> };

async function readBounded(body: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > BODY_BYTES_MAX) throw new VenueError(`an answer of more than ${BODY_BYTES_MAX} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

const retryAfterOf = (header: string | string[] | undefined): number | undefined =>
  typeof header === 'string' && /^\d{1,6}$/.test(header) ? Number(header) * MILLISECONDS : undefined;

/** One private request, sent once. Errors: VenueError with the exchange's words, never with a header of ours. */
function caller({ clobUrl, address, credentials, now }: AccountOptions, agent: Agent) {
  const base = clobUrl.replace(/\/$/, '');
  return async ({ method, path, query, body, waitMs = ANSWER_WAIT_MS }: Call): Promise<Said> => {
    const sent = body === undefined ? '' : JSON.stringify(body);
    const timestampS = Math.floor(now().getTime() / MILLISECONDS);
    const search = query === undefined ? '' : `?${new URLSearchParams(query)}`;
    try {
      const reply = await request(`${base}${path}${search}`, {
        dispatcher: agent,
        method,
        headersTimeout: HEADERS_WAIT_MS,
        signal: AbortSignal.timeout(waitMs),
        headers: {
          accept: 'application/json',
          'user-agent': 'slipstream',
          'content-type': 'application/json',
          ...l2Headers(credentials, address, { timestampS, method, path, body: sent }),
        },
        ...(sent === '' ? {} : { body: sent }),
      });
      const text = await readBounded(reply.body);
      // A refusal may repeat what was sent, and its words become part of an error. Rows name us, and have to.
      const plain = reply.statusCode === 200 ? text : withoutSecrets(text, credentials);
      const said = { status: reply.statusCode, text: plain };
      if (said.status === 429 || said.status === 425 || said.status >= 500) {
        const retryAfterMs = retryAfterOf(reply.headers['retry-after']);
        throw new VenueError(`${method} ${path}: status ${said.status}`, {
          status: said.status,
          ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
        });
      }
      return said;
    } catch (error) {
      if (error instanceof VenueError) throw error;
      // The cause may hold the request with its headers: its words are all that goes on.
      const why = error instanceof Error ? error.message : 'no answer';
      throw new VenueError(`${method} ${path}: ${why}`);
    }
  };
}

/** A value in a form that can be trusted. Errors: VenueError that names the field. */
function understood<S extends z.ZodType>(schema: S, value: unknown, what: string): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const field = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new VenueError(`${what}: an answer in a form that we do not know: ${field}`, { status: 200 });
}

/** What an answer says in a form that can be trusted. Errors: VenueError. */
function read<S extends z.ZodType>(schema: S, { status, text }: Said, what: string): z.output<S> {
  if (status !== 200)
    throw new VenueError(`${what}: status ${status}: ${text.slice(0, SAID_CHARACTERS_MAX)}`, { status });
  let value: unknown;
  try {
    value = parseJsonText(text);
  } catch {
    throw new VenueError(`${what}: an answer that is no JSON`, { status });
  }
  return understood(schema, value, what);
}

const ASSET_TYPES = { 1: 'CONDITIONAL', 2: 'CONDITIONAL', 3: 'CONDITIONAL-V2' } as const;

function assetQuery(asset: Asset, signatureType: SignatureType): Record<string, string> {
  const signature_type = String(signatureType);
  if (asset.kind === 'collateral') return { asset_type: 'COLLATERAL', signature_type };
  return { asset_type: ASSET_TYPES[asset.version], token_id: asset.tokenId, signature_type };
}

/** Rows that cannot be read are an error: a list with holes is no list to act on. */
async function pages<S extends z.ZodType>(
  call: (call: Call) => Promise<Said>,
  schema: S,
  path: string,
  query: Readonly<Record<string, string>>,
): Promise<z.output<S>[]> {
  const rows: z.output<S>[] = [];
  let cursor = CURSOR_FIRST;
  for (let page = 0; page < PAGES_MAX; page++) {
    const said = await call({ method: 'GET', path, query: { ...query, next_cursor: cursor } });
    const { data, next_cursor } = read(Page, said, path);
    rows.push(...data.map((row) => understood(schema, row, path)));
    if (next_cursor == null || next_cursor === '' || next_cursor === CURSOR_END) return rows;
    cursor = next_cursor;
  }
  throw new VenueError(`${path}: more than ${PAGES_MAX} pages`);
}

type Caller = (call: Call) => Promise<Said>;

/** What looks at orders and trades. */
function readers(
  call: Caller,
  funder: string,
  own: Own,
): Pick<AccountPort, 'order' | 'openOrders' | 'fills'> {
  return {
    order: async (orderId): Promise<VenueOrder | null> => {
      if (!ORDER_ID.test(orderId)) throw new VenueError('an order id that is none');
      const path = `/data/order/${orderId}`;
      const said = await call({ method: 'GET', path });
      if (said.status === 404 || (said.status === 200 && /^\s*(null|""|\{\})?\s*$/.test(said.text)))
        return null;
      const order = read(OrderRow, said, path);
      if (order.orderId !== orderId.toLowerCase())
        throw new VenueError(`${path}: an answer about another order`);
      return order;
    },
    openOrders: () => pages(call, OrderRow, '/data/orders', {}),
    fills: async ({ since, tradeId, tokenId }): Promise<readonly VenueFill[]> => {
      const rows = await pages(call, TradeRow, '/data/trades', {
        ...(tradeId === undefined ? { maker_address: funder } : { id: tradeId }),
        ...(since === undefined ? {} : { after: String(Math.floor(since.getTime() / MILLISECONDS)) }),
        ...(tokenId === undefined ? {} : { asset_id: tokenId }),
      });
      return rows
        .toSorted((a, b) => a.match_time.getTime() - b.match_time.getTime())
        .flatMap((row) => fillsOf(row, own));
    },
  };
}

/** What looks at money. */
function balances(
  call: Caller,
  signatureType: SignatureType,
): Pick<AccountPort, 'balance' | 'refreshBalance'> {
  return {
    balance: async (asset) => {
      const path = '/balance-allowance';
      const query = assetQuery(asset, signatureType);
      const { balance, allowances } = read(BalanceReply, await call({ method: 'GET', path, query }), path);
      const lowered = Object.entries(allowances ?? {}).map(
        ([spender, n]) => [spender.toLowerCase(), n] as const,
      );
      return { balanceMicros: balance, allowances: new Map(lowered) };
    },
    refreshBalance: async (asset) => {
      const path = '/balance-allowance/update';
      const { status } = await call({ method: 'GET', path, query: assetQuery(asset, signatureType) });
      if (status !== 200) throw new VenueError(`${path}: status ${status}`, { status });
    },
  };
}

/** What takes orders away. */
function cancellers(call: Caller): Pick<AccountPort, 'cancel' | 'cancelAll'> {
  const cancelWith = async (one: Call) => {
    const answer = read(CancelAnswer, await call(one), one.path);
    return {
      canceled: answer.canceled ?? [],
      notCanceled: new Map(
        Object.entries(answer.not_canceled ?? {}).map(([id, why]) => [id.toLowerCase(), why]),
      ),
    };
  };
  return {
    cancel: async (orderIds) => {
      const canceled: string[] = [];
      const notCanceled = new Map<string, string>();
      for (let from = 0; from < orderIds.length; from += CANCEL_MAX) {
        const body = orderIds.slice(from, from + CANCEL_MAX);
        const answer = await cancelWith({ method: 'DELETE', path: '/orders', body });
        canceled.push(...answer.canceled);
        for (const [id, why] of answer.notCanceled) notCanceled.set(id, why);
      }
      return { canceled, notCanceled };
    },
    cancelAll: () => cancelWith({ method: 'DELETE', path: '/cancel-all' }),
  };
}

/**
 * The account as the exchange tells of it. Every request is sent once: what may be repeated is for the caller to say.
 * Errors: VenueError, in bounded time. Source: polymarket §2.2, §2.3, §12.
 */
export function openAccount(options: AccountOptions): Account {
  const agent = new Agent({
    connections: CONNECTIONS_MAX,
    pipelining: 1,
    connect: { timeout: CONNECT_WAIT_MS },
  });
  const call = caller(options, agent);
  const { funder, signatureType, credentials } = options;
  const own: Own = { key: credentials.key.reveal().toLowerCase(), funder: funder.toLowerCase() };
  return {
    ...readers(call, funder, own),
    ...balances(call, signatureType),
    ...cancellers(call),
    heartbeat: async (previous) => {
      const path = '/v1/heartbeats';
      const beat = (heartbeat_id: string): Promise<Said> =>
        call({ method: 'POST', path, body: { heartbeat_id }, waitMs: BEAT_WAIT_MS });
      const first = await beat(previous ?? '');
      if (first.status !== 400) return read(HeartbeatAnswer, first, path).heartbeat_id;
      // A wrong id is answered with the right one, which is a beat only once it is named.
      const { heartbeat_id } = read(HeartbeatAnswer, { ...first, status: 200 }, path);
      const second = await beat(heartbeat_id);
      return read(HeartbeatAnswer, second.status === 400 ? { ...second, status: 200 } : second, path)
        .heartbeat_id;
    },
    closedOnly: async () => {
      const path = '/auth/ban-status/closed-only';
      return read(ClosedOnlyAnswer, await call({ method: 'GET', path }), path).closed_only;
    },
    close: () => agent.close(),
  };
}
