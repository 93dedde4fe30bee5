import { formatMicros } from '@slipstream/money';
import { z } from 'zod';
import { checksummed } from '../signature.ts';
import type { Trading } from '../trading/trading.ts';
import type { Asset, OrderFilter, Placement, TradeFilter, VerifiedOrder } from '../trading/types.ts';
import { type Answer, type Call, failure, json, type Route } from './http.ts';
import { type ApiKey, authenticate, authRoutes, type KeyStore, UNAUTHORIZED } from './keys.ts';
import { type OrderFaults, whileRestarting, withFaults } from './order-faults.ts';
import { type FormOptions, readOrder } from './order-form.ts';
import type { LoggedRequest, RequestLog } from './request-log.ts';
import { orderRow, tradeRow } from './trading-rows.ts';

const ORDERS_MAX = 15;
const CANCELS_MAX = 1_000;
const PAGE_ROWS = 100;
const CURSOR_END = 'LTE=';
const LOGGED_PATHS =
  /^\/(order|orders|cancel-|auth\/|data\/|balance-allowance|v1\/heartbeats|heartbeats|notifications|order)/;

export type TradingParts = FormOptions & {
  readonly trading: Trading;
  readonly keys: KeyStore;
  readonly faults: OrderFaults;
  readonly log: RequestLog;
  readonly nowMs: () => number;
  readonly wait: (ms: number) => Promise<void>;
};

type Private = (parts: TradingParts, call: Call, key: ApiKey, row: LoggedRequest) => Answer | Promise<Answer>;

const amount = (micros: bigint | null): string => (micros === null ? '' : formatMicros(micros));

/** The answer to one order. Success is exactly 200, with every field there. Source: polymarket §2.3, §12. */
function placed(order: VerifiedOrder, placement: Placement): Answer {
  if (placement.kind === 'refused') {
    const { status, error, code, retryAfterS } = placement;
    const more = {
      ...(code === undefined ? {} : { code }),
      ...(retryAfterS === undefined ? {} : { retry_after_seconds: retryAfterS }),
    };
    const headers: Record<string, string> =
      retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) };
    return { ...failure(status, error, more), headers };
  }
  const { status, makingMicros, takingMicros, tradeIds } = placement;
  return json({
    success: true,
    errorMsg: '',
    orderID: order.id,
    status,
    makingAmount: amount(makingMicros),
    takingAmount: amount(takingMicros),
    transactionsHashes: [],
    tradeIDs: tradeIds,
  });
}

async function placeOne(
  parts: TradingParts,
  posted: unknown,
  key: ApiKey,
  row: LoggedRequest,
): Promise<Answer> {
  const order = readOrder(posted, key, parts);
  if ('kind' in order) return failure(order.status, order.error);
  row.orderIds.push(order.id);
  const down = whileRestarting(parts.faults, parts.nowMs(), order.postOnly);
  if (down !== null) return down;
  const holdMs = parts.trading.holdMs(order);
  if (holdMs > 0) await parts.wait(holdMs);
  return placed(order, parts.trading.place(order));
}

const postOrder: Private = (parts, call, key, row) =>
  withFaults(parts.faults, call, () => placeOne(parts, call.body, key, row), parts.wait);

const postOrders: Private = async (parts, call, key, row) => {
  const posted = z.array(z.unknown()).safeParse(call.body);
  if (!posted.success) return failure(400, 'Invalid order payload');
  const { data } = posted;
  if (data.length > ORDERS_MAX)
    return failure(400, `Too many orders in payload: ${data.length}, max allowed: ${ORDERS_MAX}`);
  const answers: unknown[] = [];
  for (const one of data) {
    const { status, json: text } = await placeOne(parts, one, key, row);
    const body = JSON.parse(text) as { error?: string };
    answers.push(
      status === 200
        ? body
        : {
            success: false,
            errorMsg: body.error ?? '',
            orderID: '',
            status: '',
            makingAmount: '',
            takingAmount: '',
            transactionsHashes: [],
            tradeIDs: [],
          },
    );
  }
  return json(answers);
};

const cancelAnswer = ({ canceled, notCanceled }: ReturnType<Trading['cancel']>): Answer =>
  json({ canceled, not_canceled: notCanceled });

const cancelOne: Private = ({ trading }, call, key) => {
  const body = z.object({ orderID: z.string() }).safeParse(call.body);
  if (!body.success) return failure(400, 'Invalid order payload');
  return cancelAnswer(trading.cancel(key.key, [body.data.orderID.toLowerCase()]));
};
const cancelMany: Private = ({ trading }, call, key) => {
  const body = z.array(z.string()).safeParse(call.body);
  if (!body.success) return failure(400, 'Invalid order payload');
  if (body.data.length > CANCELS_MAX)
    return failure(400, `Too many orders in payload: ${body.data.length}, max allowed: ${CANCELS_MAX}`);
  return cancelAnswer(
    trading.cancel(
      key.key,
      body.data.map((id) => id.toLowerCase()),
    ),
  );
};
const cancelMarket: Private = ({ trading }, call, key) => {
  const body = z
    .object({ market: z.string().optional(), asset_id: z.string().optional() })
    .safeParse(call.body ?? {});
  if (!body.success) return failure(400, 'Invalid payload');
  const { market, asset_id } = body.data;
  return cancelAnswer(
    trading.cancelMarket(key.key, {
      ...(market === undefined || market === '' ? {} : { market: market.toLowerCase() }),
      ...(asset_id === undefined || asset_id === '' ? {} : { asset: asset_id }),
    }),
  );
};

/** One page of a list, found by its offset. Null: no such cursor. */
function pageOf(rows: readonly object[], cursor: string | null): Answer {
  const text = cursor === null || cursor === '' ? '0' : Buffer.from(cursor, 'base64').toString();
  if (cursor === CURSOR_END) return json({ limit: PAGE_ROWS, count: 0, next_cursor: CURSOR_END, data: [] });
  if (!/^\d{1,9}$/.test(text)) return failure(400, 'invalid next_cursor');
  const from = Number(text);
  const data = rows.slice(from, from + PAGE_ROWS);
  const next = from + data.length;
  const next_cursor = next >= rows.length ? CURSOR_END : Buffer.from(String(next)).toString('base64');
  return json({ limit: PAGE_ROWS, count: data.length, next_cursor, data });
}

const asked = (call: Call, name: string): string | undefined =>
  call.query.get(name)?.toLowerCase() || undefined;
const orderFilter = (call: Call): OrderFilter => {
  const [id, market, asset] = [asked(call, 'id'), asked(call, 'market'), asked(call, 'asset_id')];
  return {
    ...(id === undefined ? {} : { id }),
    ...(market === undefined ? {} : { market }),
    ...(asset === undefined ? {} : { asset }),
  };
};

const listOrders: Private = ({ trading }, call, key) =>
  pageOf(trading.openOrders(key.key, orderFilter(call)).map(orderRow), call.query.get('next_cursor'));

const listTrades: Private = ({ trading }, call, key) => {
  const address = asked(call, 'maker_address') ?? asked(call, 'maker') ?? asked(call, 'taker');
  const [before, after] = [asked(call, 'before'), asked(call, 'after')];
  const filter: TradeFilter = {
    ...orderFilter(call),
    ...(address === undefined ? {} : { address }),
    ...(before === undefined ? {} : { before: Number(before) }),
    ...(after === undefined ? {} : { after: Number(after) }),
  };
  const rows = trading.tradesOf(key.key, filter).map((trade) => tradeRow(trade, key.key));
  return pageOf(rows, call.query.get('next_cursor'));
};

const showOrder: Private = ({ trading }, call, key) => {
  const order = trading.orderOf(call.path.slice('/data/order/'.length).toLowerCase());
  return order === null || order.owner !== key.key ? failure(404, 'order not found') : json(orderRow(order));
};

/** Whose money a key's balance questions are about: the wallet that its signature type trades for. */
const walletOf = ({ funderOf }: TradingParts, call: Call, key: ApiKey): string => {
  const type = Number(call.query.get('signature_type') ?? '0');
  return (type === 0 ? key.address : funderOf(key.address, type)) ?? key.address;
};
const assetOf = (call: Call): Asset | null => {
  const type = call.query.get('asset_type') ?? 'COLLATERAL';
  if (type === 'COLLATERAL') return { kind: 'collateral' };
  const tokenId = call.query.get('token_id');
  return tokenId === null || !/^CONDITIONAL(-V2)?$/.test(type) ? null : { kind: 'token', tokenId };
};

const showBalance: Private = (parts, call, key) => {
  const asset = assetOf(call);
  if (asset === null) return failure(400, 'Invalid asset type');
  const { balanceMicros, allowances } = parts.trading.balance(walletOf(parts, call, key), asset);
  const named = [...allowances].map(([spender, n]) => [checksummed(spender), String(n)]);
  return json({ balance: String(balanceMicros), allowances: Object.fromEntries(named) });
};
const updateBalance: Private = (parts, call, key) => {
  const asset = assetOf(call);
  if (asset === null) return failure(400, 'Invalid asset type');
  parts.trading.refresh(walletOf(parts, call, key), asset);
  return json({});
};

const beat: Private = ({ trading }, call, key) => {
  const body = z.object({ heartbeat_id: z.string().nullish() }).safeParse(call.body ?? {});
  if (!body.success) return failure(400, 'Invalid payload');
  const reply = trading.heartbeat(key.key, body.data.heartbeat_id ?? '');
  return reply.kind === 'ok'
    ? json({ heartbeat_id: reply.heartbeatId })
    : json(
        { error_msg: 'Invalid Heartbeat ID', error: 'Invalid Heartbeat ID', heartbeat_id: reply.heartbeatId },
        400,
      );
};

const ROUTES: Readonly<Record<string, Private>> = {
  'POST /order': postOrder,
  'POST /orders': postOrders,
  'DELETE /order': cancelOne,
  'DELETE /orders': cancelMany,
  'DELETE /cancel-all': ({ trading }, _call, key) => cancelAnswer(trading.cancelAll(key.key)),
  'DELETE /cancel-market-orders': cancelMarket,
  'GET /data/orders': listOrders,
  'GET /data/trades': listTrades,
  'GET /balance-allowance': showBalance,
  'GET /balance-allowance/update': updateBalance,
  'PUT /balance-allowance/update': updateBalance,
  'POST /v1/heartbeats': beat,
  'POST /heartbeats': beat,
  'GET /notifications': () => json([]),
  'DELETE /notifications': () => json('OK'),
  'GET /order-scoring': () => json({ scoring: false }),
  'POST /orders-scoring': (_parts, call) =>
    json(
      Object.fromEntries(
        (Array.isArray(call.body) ? call.body : []).map((id: unknown) => [String(id), false]),
      ),
    ),
};

/** Everything that an account may do, behind its credentials. Source: polymarket §2.2–§2.4, §11 A–B. */
export function tradingRoutes(parts: TradingParts): Route {
  const auth = authRoutes(parts.keys, parts.chainId, parts.nowMs, (address) =>
    parts.trading.switches.closedOnly.includes(address),
  );
  const answer = async (call: Call, row: LoggedRequest): Promise<Answer | null> => {
    const known = auth(call);
    if (known !== null) return known;
    const name = `${call.method} ${call.path}`;
    const handle = Object.hasOwn(ROUTES, name)
      ? ROUTES[name]
      : name.startsWith('GET /data/order/')
        ? showOrder
        : undefined;
    if (handle === undefined) return null;
    // Clients warm a connection up with an empty list of orders before they have logged in.
    if (name === 'POST /orders' && Array.isArray(call.body) && call.body.length === 0) return json([]);
    const key = authenticate(call, parts.keys, parts.nowMs());
    return key === null ? UNAUTHORIZED : handle(parts, call, key, row);
  };
  return async (call) => {
    if (!LOGGED_PATHS.test(call.path) || call.path.startsWith('/orderbook')) return null;
    const row = parts.log.begin(call);
    const given = await answer(call, row);
    if (given !== null) parts.log.end(row, given);
    return given;
  };
}
