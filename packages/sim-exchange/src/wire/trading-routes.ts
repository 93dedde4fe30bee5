import { z } from 'zod';
import type { Trading } from '../trading/trading.ts';
import { READS, showOrder } from './account-reads.ts';
import { type Answer, type Call, failure, json, type Route } from './http.ts';
import { type ApiKey, authenticate, authRoutes, UNAUTHORIZED } from './keys.ts';
import { rateLimited, refusalAnswer, whileRestarting, withFaults } from './order-faults.ts';
import { isPlacing, postOrder, postOrders } from './placing-routes.ts';
import type { LoggedRequest } from './request-log.ts';
import { type Charge, SignerBuckets } from './signer-buckets.ts';
import type { Private, TradingParts } from './trading-parts.ts';

const CANCELS_MAX = 1_000;
const PRIVATE_PATHS =
  /^\/(orders?|cancel-(all|market-orders)|auth\/.*|data\/.*|balance-allowance(\/update)?|(v1\/)?heartbeats|notifications|orders?-scoring)$/;

/** What a cancel comes to: `find` reads the request, and refuses what it cannot read. */
type Cancel = (
  parts: TradingParts,
  call: Call,
  key: ApiKey,
  row: LoggedRequest,
) => ReturnType<Trading['cancel']> | Answer;

/** Cancels go on after a restart and in cancel-only mode, and neither during it nor while trading is disabled. */
const canceling =
  (cancel: Cancel): Private =>
  (parts, call, key, row) => {
    const down = whileRestarting(parts.faults, parts.nowMs(), true);
    if (down !== null) return down;
    const paused = parts.trading.pausedFor('cancels');
    if (paused !== null) return refusalAnswer(paused);
    const handle = (): Answer => {
      const done = cancel(parts, call, key, row);
      return 'json' in done ? done : json({ canceled: done.canceled, not_canceled: done.notCanceled });
    };
    return withFaults(parts.faults, call, handle, parts.wait, 'cancels', () => row.orderIds[0] ?? '');
  };

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

/** The simple variant knows no ids. */
const keepAlive: Private = ({ trading }, _call, key) => {
  trading.keepAlive(key.key);
  return json({ status: 'ok' });
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
  'POST /heartbeats': keepAlive,
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

/** Everything that an account may do, behind its credentials. Source: polymarket §2.2–§2.4, §11 A–B. */
export function tradingRoutes(parts: TradingParts): Route {
  const buckets = new SignerBuckets();
  const { switches } = parts.trading;
  const auth = authRoutes({
    keys: parts.keys,
    chainId: parts.chainId,
    nowMs: parts.nowMs,
    isMadeOnce: () => parts.faults.keyMadeOnce,
    isClosedOnly: (address) =>
      parts
        .addressesOf(address)
        .some((one) => switches.closedOnly.includes(one) || switches.banned.includes(one)),
  });
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
    if (isPlacing(call) && parts.isGeoblocked()) return GEOBLOCKED;
    const known = auth(call);
    if (known !== null) return known;
    const listed = Object.hasOwn(ROUTES, name) ? ROUTES[name] : undefined;
    const handle = name.startsWith('GET /data/order/') ? showOrder : listed;
    if (handle === undefined) return NOT_FOUND;
    // Clients warm a connection up with an empty list of orders before they have logged in.
    if (name === 'POST /orders' && Array.isArray(call.body) && call.body.length === 0) return json([]);
    const key = authenticate(call, parts.keys, parts.nowMs());
    if (key === null) return UNAUTHORIZED;
    if (call.isMalformed === true) return failure(400, 'Invalid order payload');
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
