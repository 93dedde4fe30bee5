import { hashFrom, type Market, walletFrom } from '../venue/market.ts';
import type { FilledOrder, Match } from './matches.ts';

/** Contracts on Polygon that settle orders, and those that know of resolutions. Source: polymarket §1.4. */
const CTF_EXCHANGE = '0xe111180000d2663c0091e4f400237545b87b996b';
const NEG_RISK_EXCHANGE = '0xe2222d279d744050d28e00520010520000310f59';
const EXCHANGE_V3 = '0xe3333700ca9d93003f00f0f71f8515005f6c00aa';
const CONDITIONAL_TOKENS = '0x4d97dcd97ec945f40cf65f87097ace5ea0476045';
const UMA_CTF_ADAPTER = '0x157ce2d672854c848c9b79c49a8cc6cc89176a49';
const NEG_RISK_ADAPTER = '0xd91e80cf2e7be2e162c6513ced06f1dd0da35296';
/** First topics of their events. Source: polymarket §6. */
const ORDER_FILLED = '0xd543adfd945773f1a62f74f0ee55a5e3b9b1a28262980ba90b1a89f2ea84d8ee';
const ORDERS_MATCHED = '0x174b3811690657c217184f89418266767c87e4805d09680c39fc9c031c0cab7c';
const FEE_CHARGED = '0x55bb3cade9d43b798a4fe5ffdd05024b2d7870df53920673bfc7e68047cd0ab1';
const CONDITION_RESOLUTION = '0xb44d84d3289691f71497564b85d4233648d9dbae8cbdbb4329f301c3a0185894';
/** Where the exchange's real address for fees is not known, one is made up. */
const FEE_RECEIVER = walletFrom('fees');
const WORD_DIGITS = 64;
const OUTCOMES = 2n;
/** Bytes before an array that stands behind two words. */
const ARRAY_AT = 64n;

/** A log before it has a place in a block. */
export type LogBody = {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
  readonly transactionHash: string;
};

const word = (n: bigint): string => n.toString(16).padStart(WORD_DIGITS, '0');
const data = (...words: readonly bigint[]): string => `0x${words.map(word).join('')}`;
const topic = (address: string): string => `0x${address.slice(2).padStart(WORD_DIGITS, '0')}`;

/** A buyer gives collateral for shares, a seller shares for collateral. */
const amountsOf = ({ isBuy, size, notional }: FilledOrder): readonly [bigint, bigint] =>
  isBuy ? [notional, size] : [size, notional];

const sideOf = ({ isBuy }: FilledOrder): bigint => (isBuy ? 0n : 1n);

function exchangeOf(market: Market | undefined): string {
  if (market?.version === 'v2') return EXCHANGE_V3;
  return market?.negRisk === true ? NEG_RISK_EXCHANGE : CTF_EXCHANGE;
}

const filled = (order: FilledOrder, taker: string, feeMicros: bigint) => ({
  topics: [ORDER_FILLED, order.hash, topic(order.wallet), topic(taker)],
  data: data(sideOf(order), order.tokenId, ...amountsOf(order), feeMicros, 0n, 0n),
});

/**
 * What the exchange logs about one match, in its order: the fills of the resting orders, the fee, the taker's own fill,
 * whose taker is the exchange itself, and the match.
 */
export function logsOfMatch(match: Match, transactionHash: string): readonly LogBody[] {
  const { taker, makers, feeMicros } = match;
  const address = exchangeOf(match.market);
  const fee = { topics: [FEE_CHARGED, topic(FEE_RECEIVER)], data: data(feeMicros) };
  const matched = {
    topics: [ORDERS_MATCHED, taker.hash, topic(taker.wallet)],
    data: data(sideOf(taker), taker.tokenId, ...amountsOf(taker)),
  };
  return [
    ...makers.map((maker) => filled(maker, taker.wallet, 0n)),
    ...(feeMicros > 0n ? [fee] : []),
    filled(taker, address, feeMicros),
    matched,
  ].map((body) => ({ ...body, address, transactionHash }));
}

/**
 * What the contract of the outcome tokens logs when a market is paid out. Markets of Protocol V2 have their payouts in
 * another contract, whose events are not documented; there is nothing of them here.
 */
export function logsOfResolution(market: Market): readonly LogBody[] {
  if (market.payout === null || market.version === 'v2') return [];
  // A question's own id is not known here: the interfaces name it as the condition, too.
  const condition = `0x${market.conditionId.slice(2).padEnd(WORD_DIGITS, '0')}`;
  const oracle = market.negRisk ? NEG_RISK_ADAPTER : UMA_CTF_ADAPTER;
  return [
    {
      address: CONDITIONAL_TOKENS,
      topics: [CONDITION_RESOLUTION, condition, topic(oracle), condition],
      data: data(OUTCOMES, ARRAY_AT, OUTCOMES, ...market.payout.numerators),
      transactionHash: hashFrom('resolution', market.conditionId),
    },
  ];
}
