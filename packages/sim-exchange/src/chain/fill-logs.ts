import { parseMicrosRounded } from '@slipstream/money';
import type { Activity } from '../venue/activity.ts';
import { takerFeeMicros } from '../venue/fees.ts';
import { hashFrom, type Market, walletFrom } from '../venue/market.ts';

/** Contracts that settle orders on Polygon. Source: polymarket §1.4. */
const CTF_EXCHANGE = '0xe111180000d2663c0091e4f400237545b87b996b';
const NEG_RISK_EXCHANGE = '0xe2222d279d744050d28e00520010520000310f59';
/** First topics of their events. Source: polymarket §6. */
const ORDER_FILLED = '0xd543adfd945773f1a62f74f0ee55a5e3b9b1a28262980ba90b1a89f2ea84d8ee';
const ORDERS_MATCHED = '0x174b3811690657c217184f89418266767c87e4805d09680c39fc9c031c0cab7c';
const TOKEN_MOST = 2n ** 256n - 1n;

/** A log before it has a place in a block. */
export type LogBody = {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
  readonly transactionHash: string;
};

type Order = {
  readonly wallet: string;
  readonly hash: string;
  readonly isBuy: boolean;
  readonly tokenId: bigint;
  readonly size: bigint;
  readonly notional: bigint;
};

const word = (n: bigint): string => n.toString(16).padStart(64, '0');
const data = (...words: readonly bigint[]): string => `0x${words.map(word).join('')}`;
const topic = (address: string): string => `0x${address.slice(2).padStart(64, '0')}`;

/** A buyer gives collateral for shares, a seller shares for collateral. */
const amountsOf = ({ isBuy, size, notional }: Order): readonly [bigint, bigint] =>
  isBuy ? [notional, size] : [size, notional];

const filled = (
  address: string,
  order: Order,
  taker: string,
  fee: bigint,
  transactionHash: string,
): LogBody => ({
  address,
  topics: [ORDER_FILLED, order.hash, topic(order.wallet), topic(taker)],
  data: data(order.isBuy ? 0n : 1n, order.tokenId, ...amountsOf(order), fee, 0n, 0n),
  transactionHash,
});

/**
 * What the exchange logs about one trade: the resting order's fill, the taker's own, whose taker is the exchange
 * itself, and the match. Who stood on the other side is made up from the trade, the same for the same trade.
 *
 * Empty for a token that is no 256-bit number: it cannot be on the chain.
 */
export function logsOfTrade(trade: Activity, market: Market | undefined): readonly LogBody[] {
  const tokenId = BigInt(trade.tokenId);
  if (tokenId > TOKEN_MOST || tokenId === 0n) return [];
  const { transactionHash, wallet } = trade;
  const address = market?.negRisk === true ? NEG_RISK_EXCHANGE : CTF_EXCHANGE;
  const size = parseMicrosRounded(trade.size);
  const own: Order = {
    wallet,
    hash: trade.orderId ?? hashFrom('order', transactionHash, String(trade.seq)),
    isBuy: trade.side === 'BUY',
    tokenId,
    size,
    notional: parseMicrosRounded(trade.usdcSize),
  };
  const other: Order = {
    ...own,
    wallet: walletFrom('counterparty', transactionHash, wallet),
    hash: hashFrom('order', transactionHash, String(trade.seq), 'counterparty'),
    isBuy: !own.isBuy,
  };
  const [taker, maker] = trade.isTaker ? [own, other] : [other, own];
  const fee = market === undefined ? 0n : takerFeeMicros(market, size, parseMicrosRounded(trade.price));
  return [
    filled(address, maker, taker.wallet, 0n, transactionHash),
    filled(address, taker, address, fee, transactionHash),
    {
      address,
      topics: [ORDERS_MATCHED, taker.hash, topic(taker.wallet)],
      data: data(taker.isBuy ? 0n : 1n, tokenId, ...amountsOf(taker)),
      transactionHash,
    },
  ];
}
