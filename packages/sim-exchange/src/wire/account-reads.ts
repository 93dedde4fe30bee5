import { isSignatureType } from '../bindings.ts';
import { checksummed } from '../signature.ts';
import type { Trading } from '../trading/trading.ts';
import type { Asset, OrderFilter, TradeFilter } from '../trading/types.ts';
import { type Answer, type Call, failure, json } from './http.ts';
import type { ApiKey } from './keys.ts';
import type { OrderFaults } from './order-faults.ts';
import type { FormOptions } from './order-form.ts';
import { orderRow, tradeRow } from './trading-rows.ts';

const PAGE_ROWS = 100;
const CURSOR_END = 'LTE=';

export type ReadParts = Pick<FormOptions, 'funderOf'> & {
  readonly trading: Trading;
  readonly faults: OrderFaults;
};

type Read = (parts: ReadParts, call: Call, key: ApiKey) => Answer;

/** One page of a list, found by its offset. */
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

/** A row as it is, or with its status as the documentation spells it. */
const spelled = <R extends { readonly status: string }>({ faults }: ReadParts, prefix: string, row: R): R =>
  faults.prefixedStatuses ? { ...row, status: `${prefix}_STATUS_${row.status}` } : row;

const listOrders: Read = (parts, call, key) => {
  const orders = parts.trading.openOrders(key.key, orderFilter(call));
  const rows = orders.map((order) => spelled(parts, 'ORDER', orderRow(order)));
  return pageOf(rows, call.query.get('next_cursor'));
};

const listTrades: Read = (parts, call, key) => {
  const address = asked(call, 'maker_address') ?? asked(call, 'maker') ?? asked(call, 'taker');
  const [before, after] = [asked(call, 'before'), asked(call, 'after')];
  const filter: TradeFilter = {
    ...orderFilter(call),
    ...(address === undefined ? {} : { address }),
    ...(before === undefined ? {} : { before: Number(before) }),
    ...(after === undefined ? {} : { after: Number(after) }),
  };
  const trades = parts.trading.tradesOf(key.key, filter);
  const rows = trades.map((trade) => spelled(parts, 'TRADE', tradeRow(trade, key.key)));
  return pageOf(rows, call.query.get('next_cursor'));
};

export const showOrder: Read = (parts, call, key) => {
  const order = parts.trading.orderOf(call.path.slice('/data/order/'.length).toLowerCase());
  return order === null || order.owner !== key.key
    ? failure(404, 'order not found')
    : json(spelled(parts, 'ORDER', orderRow(order)));
};

const SIGNATURE_TYPE = failure(400, 'Invalid signature_type');
/** A wallet that was never made: it has nothing. */
const NO_WALLET = `0x${'0'.repeat(40)}`;

/** Whose money a key's balance questions are about: the wallet that its signature type trades for. Null: no type. */
const walletOf = ({ funderOf }: ReadParts, call: Call, key: ApiKey): string | null => {
  const text = call.query.get('signature_type') || '0';
  const type = /^\d$/.test(text) ? Number(text) : Number.NaN;
  return isSignatureType(type) ? (funderOf(key.address, type) ?? NO_WALLET) : null;
};
const assetOf = (call: Call): Asset | null => {
  const type = call.query.get('asset_type') ?? 'COLLATERAL';
  if (type === 'COLLATERAL') return { kind: 'collateral' };
  const tokenId = call.query.get('token_id');
  return tokenId === null || !/^CONDITIONAL(-V2)?$/.test(type) ? null : { kind: 'token', tokenId };
};

const showBalance: Read = (parts, call, key) => {
  const asset = assetOf(call);
  if (asset === null) return failure(400, 'Invalid asset type');
  const wallet = walletOf(parts, call, key);
  if (wallet === null) return SIGNATURE_TYPE;
  const { balanceMicros, allowances } = parts.trading.balance(wallet, asset);
  const named = [...allowances].map(([spender, n]) => [checksummed(spender), String(n)]);
  return json({ balance: String(balanceMicros), allowances: Object.fromEntries(named) });
};
const updateBalance: Read = (parts, call, key) => {
  const asset = assetOf(call);
  if (asset === null) return failure(400, 'Invalid asset type');
  const wallet = walletOf(parts, call, key);
  if (wallet === null) return SIGNATURE_TYPE;
  parts.trading.refresh(wallet, asset);
  return json({});
};

/** What an account may ask about itself. Source: polymarket §2.3, §12. */
export const READS: Readonly<Record<string, Read>> = {
  'GET /data/orders': listOrders,
  // What was open before the exchange's last migration: nothing, here.
  'GET /data/pre-migration-orders': () => pageOf([], null),
  'GET /data/trades': listTrades,
  'GET /balance-allowance': showBalance,
  'PUT /balance-allowance': updateBalance,
  'GET /balance-allowance/update': updateBalance,
  'PUT /balance-allowance/update': updateBalance,
  'GET /notifications': (parts, call, key) =>
    walletOf(parts, call, key) === null ? SIGNATURE_TYPE : json([]),
  'DELETE /notifications': () => json('OK'),
  'GET /order-scoring': () => json({ scoring: false }),
  'POST /orders-scoring': (_parts, call) =>
    json(
      Object.fromEntries(
        (Array.isArray(call.body) ? call.body : []).map((id: unknown) => [String(id), false]),
      ),
    ),
};
