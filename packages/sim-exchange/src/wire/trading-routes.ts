import { formatMicros } from '@slipstream/money';
import { z } from 'zod';
import type { Trading } from '../trading/trading.ts';
import type { Placement, Refusal } from '../trading/types.ts';
import { READS, type ReadParts, showOrder } from './account-reads.ts';
import { type Answer, type Call, failure, json, type Route } from './http.ts';
import { type ApiKey, authenticate, authRoutes, type KeyStore, UNAUTHORIZED } from './keys.ts';
import {
  POST_ONLY_MODE,
  rateLimited,
  refusalAnswer,
  restartRefusal,
  whileRestarting,
  withFaults,
} from './order-faults.ts';
import { type FormOptions, readOrder } from './order-form.ts';
import type { LoggedRequest, RequestLog } from './request-log.ts';
import { type Charge, SignerBuckets } from './signer-buckets.ts';

const ORDERS_MAX = 15;
const CANCELS_MAX = 1_000;
const PRIVATE_PATHS =
  /^\/(orders?|cancel-(all|market-orders)|auth\/.*|data\/.*|balance-allowance(\/update)?|(v1\/)?heartbeats|notifications|orders?-scoring)$/;

export type TradingParts = FormOptions &
  ReadParts & {
    readonly keys: KeyStore;
    readonly log: RequestLog;
    readonly nowMs: () => number;
    readonly wait: (ms: number) => Promise<void>;
    /** The edge serves this place no orders. */
    readonly isGeoblocked: () => boolean;
  };

type Private = (parts: TradingParts, call: Call, key: ApiKey, row: LoggedRequest) => Answer | Promise<Answer>;
type Placed = (Placement & { readonly kind: 'accepted'; readonly id: string }) | Refusal;

/** The body for one order that was taken. Success is exactly 200, with every field there. Source: polymarket §2.3, §12. */
function placedRow({ faults }: TradingParts, placed: Exclude<Placed, Refusal>) {
  const { id, status, makingMicros, takingMicros, tradeIds } = placed;
  const amount = (micros: bigint | null): string => {
    if (micros === null) return '';
    return faults.fixedPointAmounts ? String(micros) : formatMicros(micros);
  };
  return {
    success: true,
    errorMsg: '',
    orderID: id,
    status,
    makingAmount: amount(makingMicros),
    takingAmount: amount(takingMicros),
    transactionsHashes: [],
    tradeIDs: tradeIds,
  };
}

/** The entry of a batch for one that was not. Those that came in post-only mode were seen as successes. */
const refusedRow = ({ error, code }: Refusal) => ({
  success: code === POST_ONLY_MODE,
  errorMsg: error,
  orderID: '',
  status: '',
  makingAmount: '',
  takingAmount: '',
  transactionsHashes: [],
  tradeIDs: [],
});

async function placeOne(
  parts: TradingParts,
  posted: unknown,
  key: ApiKey,
  row: LoggedRequest,
): Promise<Placed> {
  const order = readOrder(posted, key, parts);
  if ('kind' in order) return order;
  row.orderIds.push(order.id);
  const down = restartRefusal(parts.faults, parts.nowMs(), order.postOnly);
  if (down !== null) return down;
  const holdMs = parts.trading.holdMs(order);
  if (holdMs > 0) await parts.wait(holdMs);
  const placement = parts.trading.place(order);
  return placement.kind === 'refused' ? placement : { ...placement, id: order.id };
}

const postOrder: Private = (parts, call, key, row) =>
  withFaults(
    parts.faults,
    call,
    async () => {
      const placed = await placeOne(parts, call.body, key, row);
      return placed.kind === 'refused' ? refusalAnswer(placed) : json(placedRow(parts, placed));
    },
    parts.wait,
  );

async function placeMany(
  parts: TradingParts,
  posted: readonly unknown[],
  key: ApiKey,
  row: LoggedRequest,
): Promise<Answer> {
  const down = whileRestarting(parts.faults, parts.nowMs(), true);
  if (down !== null) return down;
  const rows: object[] = [];
  for (const one of posted) {
    const placed = await placeOne(parts, one, key, row);
    rows.push(placed.kind === 'refused' ? refusedRow(placed) : placedRow(parts, placed));
  }
  return json(rows);
}

const postOrders: Private = (parts, call, key, row) => {
  const posted = z.array(z.unknown()).safeParse(call.body);
  if (!posted.success) return failure(400, 'Invalid order payload');
  const { data } = posted;
  if (data.length > ORDERS_MAX)
    return failure(400, `Too many orders in payload: ${data.length}, max allowed: ${ORDERS_MAX}`);
  return withFaults(parts.faults, call, () => placeMany(parts, data, key, row), parts.wait);
};

/** What a cancel comes to: `find` reads the request, and refuses what it cannot read. */
type Cancel = (
  parts: TradingParts,
  call: Call,
  key: ApiKey,
  row: LoggedRequest,
) => ReturnType<Trading['cancel']> | Answer;

/** Cancels go on after a restart, and not during it. */
const canceling =
  (cancel: Cancel): Private =>
  (parts, call, key, row) =>
    whileRestarting(parts.faults, parts.nowMs(), true) ??
    withFaults(
      parts.faults,
      call,
      () => {
        const done = cancel(parts, call, key, row);
        return 'json' in done ? done : json({ canceled: done.canceled, not_canceled: done.notCanceled });
      },
      parts.wait,
      'cancels',
    );

const cancelOne: Cancel = ({ trading }, call, key, row) => {
  const body = z.object({ orderID: z.string() }).safeParse(call.body);
  if (!body.success) return failure(400, 'Invalid order payload');
  row.orderIds.push(body.data.orderID.toLowerCase());
  return trading.cancel(key.key, row.orderIds);
};
const cancelMany: Cancel = ({ trading }, call, key, row) => {
  const body = z.array(z.string()).safeParse(call.body);
  if (!body.success) return failure(400, 'Invalid order payload');
  if (body.data.length > CANCELS_MAX)
    return failure(400, `Too many orders in payload: ${body.data.length}, max allowed: ${CANCELS_MAX}`);
  row.orderIds.push(...body.data.map((id) => id.toLowerCase()));
  return trading.cancel(key.key, row.orderIds);
};
const MarketFilter = z
  .object({ market: z.string().optional(), asset_id: z.string().optional() })
  .transform(({ market, asset_id }) => ({
    ...(market === undefined || market === '' ? {} : { market: market.toLowerCase() }),
    ...(asset_id === undefined || asset_id === '' ? {} : { asset: asset_id }),
  }));
const cancelMarket: Cancel = ({ trading }, call, key) => {
  const filter = MarketFilter.safeParse(call.body ?? {});
  return filter.success ? trading.cancelMarket(key.key, filter.data) : failure(400, 'Invalid order payload');
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
  ...READS,
  'POST /order': postOrder,
  'POST /orders': postOrders,
  'DELETE /order': canceling(cancelOne),
  'DELETE /orders': canceling(cancelMany),
  'DELETE /cancel-all': canceling(({ trading }, _call, key) => trading.cancelAll(key.key)),
  'DELETE /cancel-market-orders': canceling(cancelMarket),
  'POST /v1/heartbeats': beat,
  'POST /heartbeats': beat,
};

/** What a request takes from its signer's bucket; null for what is not counted. Source: polymarket §7. */
function chargeFor({ trading }: TradingParts, name: string, { body }: Call, key: ApiKey): Charge | null {
  const length = Array.isArray(body) ? body.length : 1;
  switch (name) {
    case 'POST /order':
      return { bucket: 'orders', tokens: 1 };
    case 'POST /orders':
      return { bucket: 'orders', tokens: length };
    case 'DELETE /order':
      return { bucket: 'cancels', tokens: 1 };
    case 'DELETE /orders':
      return { bucket: 'cancels', tokens: length };
    case 'DELETE /cancel-all':
      return { bucket: 'cancels', tokens: 1 + trading.openOrders(key.key).length };
    case 'DELETE /cancel-market-orders': {
      const filter = MarketFilter.safeParse(body ?? {});
      return {
        bucket: 'cancels',
        tokens: 1 + (filter.success ? trading.openOrders(key.key, filter.data).length : 0),
      };
    }
    default:
      return null;
  }
}

const NOT_FOUND = failure(404, 'not found');
const GEOBLOCKED = failure(
  403,
  'Trading restricted in your region, please refer to available regions - https://docs.polymarket.com/developers/CLOB/geoblock',
);

const isPlacing = (name: string): boolean => name === 'POST /order' || name === 'POST /orders';

/** Everything that an account may do, behind its credentials. Source: polymarket §2.2–§2.4, §11 A–B. */
export function tradingRoutes(parts: TradingParts): Route {
  const buckets = new SignerBuckets();
  const auth = authRoutes(parts.keys, parts.chainId, parts.nowMs, (address) =>
    parts.trading.switches.closedOnly.includes(address),
  );
  const metered = async (name: string, call: Call, key: ApiKey, handle: () => Answer | Promise<Answer>) => {
    const { signerBuckets: rules } = parts.faults;
    const charge = rules === null ? null : chargeFor(parts, name, call, key);
    if (rules === null || charge === null) return handle();
    const { isEnough, retryAfterS, headers } = buckets.pay(rules, key.address, charge, parts.nowMs());
    if (!isEnough && !rules.warnOnly) return { ...rateLimited(retryAfterS), headers };
    const answer = await handle();
    return { ...answer, headers: { ...answer.headers, ...headers } };
  };
  const answer = async (call: Call, row: LoggedRequest): Promise<Answer> => {
    const name = `${call.method} ${call.path}`;
    if (isPlacing(name) && parts.isGeoblocked()) return GEOBLOCKED;
    const known = auth(call);
    if (known !== null) return known;
    const listed = Object.hasOwn(ROUTES, name) ? ROUTES[name] : undefined;
    const handle = name.startsWith('GET /data/order/') ? showOrder : listed;
    if (handle === undefined) return NOT_FOUND;
    // Clients warm a connection up with an empty list of orders before they have logged in.
    if (name === 'POST /orders' && Array.isArray(call.body) && call.body.length === 0) return json([]);
    const key = authenticate(call, parts.keys, parts.nowMs());
    if (key === null) return UNAUTHORIZED;
    return metered(name, call, key, () => handle(parts, call, key, row));
  };
  return async (call) => {
    if (!PRIVATE_PATHS.test(call.path)) return null;
    const row = parts.log.begin(call);
    if (parts.faults.latencyMs > 0) await parts.wait(parts.faults.latencyMs);
    const given = await answer(call, row);
    parts.log.end(row, given);
    return given;
  };
}
