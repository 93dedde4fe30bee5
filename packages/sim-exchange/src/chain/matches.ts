import { least, most, parseMicrosRounded } from '@slipstream/money';
import type { Activity } from '../venue/activity.ts';
import { takerFeeMicros } from '../venue/fees.ts';
import { hashFrom, type Market, walletFrom } from '../venue/market.ts';

const TOKEN_MOST = 2n ** 256n - 1n;

/** What a match fills of one order. Micros. */
export type FilledOrder = {
  readonly wallet: string;
  readonly hash: string;
  readonly isBuy: boolean;
  readonly tokenId: bigint;
  readonly size: bigint;
  readonly notional: bigint;
};

/** A taker's order and everything that it met within one transaction. */
export type Match = {
  readonly market: Market | undefined;
  readonly taker: FilledOrder;
  readonly makers: readonly FilledOrder[];
  readonly feeMicros: bigint;
};

type Row = { readonly trade: Activity; readonly market: Market | undefined; readonly order: FilledOrder };

const orderOf = (trade: Activity): FilledOrder => ({
  wallet: trade.wallet,
  hash: trade.orderId ?? hashFrom('order', trade.transactionHash, String(trade.seq)),
  isBuy: trade.side === 'BUY',
  tokenId: BigInt(trade.tokenId),
  size: parseMicrosRounded(trade.size),
  notional: parseMicrosRounded(trade.usdcSize),
});

/** Whoever stood on the other side of a row that no other row explains: made up, the same for the same row. */
const counterpartyOf = (
  { trade, order }: Row,
  size = order.size,
  notional = order.notional,
): FilledOrder => ({
  ...order,
  wallet: walletFrom('counterparty', trade.transactionHash, trade.wallet),
  hash: hashFrom('order', trade.transactionHash, String(trade.seq), 'counterparty'),
  isBuy: !order.isBuy,
  size,
  notional,
});

const feeOf = ({ trade, market, order }: Row): bigint =>
  market === undefined ? 0n : takerFeeMicros(market, order.size, parseMicrosRounded(trade.price));

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((a, b) => a + b, 0n);

/** One token's buyer meets its seller; of the two tokens of a market, buyer meets buyer and seller meets seller. */
const meets = (maker: Row, taker: Row): boolean =>
  maker.trade.conditionId === taker.trade.conditionId &&
  (maker.order.tokenId === taker.order.tokenId) === (maker.order.isBuy !== taker.order.isBuy);

/** The dollars of a maker's fill as the taker's token sees it. */
const seenBy = (taker: Row, { order }: Row): bigint =>
  order.tokenId === taker.order.tokenId ? order.notional : order.size - order.notional;

/** Those whom the taker's own rows name, and no row of theirs tells of. */
const strangersOf = (rows: readonly Row[], met: readonly Row[]): readonly FilledOrder[] => {
  const told = new Set(met.map(({ order }) => order.hash));
  return rows
    .flatMap(({ trade }) => trade.counterparties ?? [])
    .filter(({ orderId }) => !told.has(orderId))
    .map(({ wallet, orderId, tokenId, side, sizeMicros, notionalMicros }) => ({
      wallet,
      hash: orderId,
      isBuy: side === 'BUY',
      tokenId: BigInt(tokenId),
      size: sizeMicros,
      notional: notionalMicros,
    }));
};

/** Rows of one taker's order, which may have been told of price by price, and of who is known to have met it. */
function matchOf(rows: readonly [Row, ...Row[]], met: readonly Row[]): Match {
  const [first] = rows;
  const taker = {
    ...first.order,
    size: sum(rows.map(({ order }) => order.size)),
    notional: sum(rows.map(({ order }) => order.notional)),
  };
  const size = taker.size - sum(met.map(({ order }) => order.size));
  const notional = taker.notional - sum(met.map((maker) => seenBy(first, maker)));
  const named = strangersOf(rows, met);
  const isExplained = sum(named.map((order) => order.size)) === size;
  // What nobody is known to have met came from the book's anonymous levels.
  const madeUp = size > 0n ? [counterpartyOf(first, size, least(size, most(notional, 0n)))] : [];
  const rest = isExplained ? named : madeUp;
  return {
    market: first.market,
    taker,
    makers: [...met.map(({ order }) => order), ...rest],
    feeMicros: sum(rows.map(feeOf)),
  };
}

/** A taker's order whose makers are being found; `left` is what of it nobody is known to have met. */
type OpenTaker = {
  readonly first: Row;
  readonly more: readonly Row[];
  readonly met: Row[];
  left: bigint;
};

const openTaker = ([first, ...more]: readonly Row[]): readonly OpenTaker[] =>
  first === undefined
    ? []
    : [{ first, more, met: [], left: sum([first, ...more].map(({ order }) => order.size)) }];

/** A resting order's fill of which no taker is known. */
const matchOfMaker = (row: Row): Match => ({
  market: row.market,
  taker: counterpartyOf(row),
  makers: [row.order],
  feeMicros: feeOf(row),
});

/**
 * What the rows of one transaction say of its matches: each order that is told of stands in one of them, once. A token
 * that is no 256-bit number cannot be on the chain, so rows of such are in none.
 */
export function matchesOf(
  trades: readonly Activity[],
  marketOf: (tokenId: string) => Market | undefined,
): readonly Match[] {
  const rows = trades
    .toSorted((a, b) => a.seq - b.seq)
    .map((trade): Row => ({ trade, market: marketOf(trade.tokenId), order: orderOf(trade) }))
    .filter(({ order }) => order.tokenId > 0n && order.tokenId <= TOKEN_MOST);
  const takers = rows.filter(({ trade }) => trade.isTaker);
  const open = [...Map.groupBy(takers, ({ order }) => order.hash).values()].flatMap(openTaker);
  const alone: Row[] = [];
  for (const maker of rows.filter(({ trade }) => !trade.isTaker)) {
    const own = open.find(({ first, left }) => meets(maker, first) && maker.order.size <= left);
    if (own === undefined) alone.push(maker);
    else {
      own.met.push(maker);
      own.left -= maker.order.size;
    }
  }
  return [...open.map(({ first, more, met }) => matchOf([first, ...more], met)), ...alone.map(matchOfMaker)];
}
