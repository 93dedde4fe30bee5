import { formatMicros } from '@slipstream/money';
import { z } from 'zod';
import type { Placement, Refusal, VerifiedOrder } from '../trading/types.ts';
import { type Answer, type Call, failure, json } from './http.ts';
import type { ApiKey } from './keys.ts';
import {
  type OrderFaults,
  POST_ONLY_MODE,
  refusalAnswer,
  restartRefusal,
  whileRestarting,
  withFaults,
} from './order-faults.ts';
import { readOrder } from './order-form.ts';
import type { LoggedRequest } from './request-log.ts';
import type { Private, TradingParts } from './trading-parts.ts';

const ORDERS_MAX = 15;

type Placed = (Placement & { readonly kind: 'accepted'; readonly id: string }) | Refusal;
type Read = VerifiedOrder | Refusal;

/** The body for one order that was taken. Success is exactly 200, with every field there. Source: polymarket §2.3, §12. */
function placedRow(faults: OrderFaults, placed: Exclude<Placed, Refusal>) {
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

function readOne(parts: TradingParts, posted: unknown, key: ApiKey, row: LoggedRequest): Read {
  const order = readOrder(posted, key, parts);
  if (!('kind' in order)) row.orderIds.push(order.id);
  return order;
}

async function placeOne(parts: TradingParts, order: Read): Promise<Placed> {
  if ('kind' in order) return order;
  const down = restartRefusal(parts.faults, parts.nowMs(), order.postOnly);
  if (down !== null) return down;
  const holdMs = parts.trading.holdMs(order);
  if (holdMs > 0) await parts.wait(holdMs);
  const placement = parts.trading.place(order);
  return placement.kind === 'refused' ? placement : { ...placement, id: order.id };
}

/** The id that a refusal may have to name; it is worked out only where nothing has read the order yet. */
const idIn = (parts: TradingParts, posted: unknown, key: ApiKey, row: LoggedRequest) => (): string => {
  if (row.orderIds[0] === undefined) readOne(parts, posted, key, row);
  return row.orderIds[0] ?? '';
};

export const postOrder: Private = (parts, call, key, row) =>
  withFaults(
    parts.faults,
    call,
    async () => {
      const placed = await placeOne(parts, readOne(parts, call.body, key, row));
      return placed.kind === 'refused' ? refusalAnswer(placed) : json(placedRow(parts.faults, placed));
    },
    parts.wait,
    'orders',
    idIn(parts, call.body, key, row),
  );

/** What stands against a batch as a whole: then nothing of it is done. Source: polymarket §2.3. */
function wholeRefusal({ trading }: TradingParts, orders: readonly Read[]): Refusal | null {
  const found = orders.map((order) => ('kind' in order ? order : trading.standingOf(order)));
  return found.find((refusal) => refusal?.isOfRequest === true) ?? null;
}

async function placeMany(
  parts: TradingParts,
  posted: readonly unknown[],
  key: ApiKey,
  row: LoggedRequest,
): Promise<Answer> {
  const down = whileRestarting(parts.faults, parts.nowMs(), true);
  if (down !== null) return down;
  const paused = parts.trading.pausedFor('orders');
  if (paused !== null) return refusalAnswer(paused);
  const orders = posted.map((one) => readOne(parts, one, key, row));
  const whole = wholeRefusal(parts, orders);
  if (whole !== null) return refusalAnswer(whole);
  const rows: object[] = [];
  for (const order of orders) {
    const placed = await placeOne(parts, order);
    rows.push(placed.kind === 'refused' ? refusedRow(placed) : placedRow(parts.faults, placed));
  }
  return json(rows);
}

export const postOrders: Private = (parts, call, key, row) => {
  const posted = z.array(z.unknown()).safeParse(call.body);
  if (!posted.success) return failure(400, 'Invalid order payload');
  const { data } = posted;
  if (data.length > ORDERS_MAX)
    return failure(400, `Too many orders in payload: ${data.length}, max allowed: ${ORDERS_MAX}`);
  const handle = (): Promise<Answer> => placeMany(parts, data, key, row);
  return withFaults(parts.faults, call, handle, parts.wait, 'orders', idIn(parts, data[0], key, row));
};

export const isPlacing = ({ method, path }: Call): boolean =>
  method === 'POST' && (path === '/order' || path === '/orders');
