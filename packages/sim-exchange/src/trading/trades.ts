import { floorTo, ONE } from '@slipstream/money';
import { takerFeeMicros } from '../venue/fees.ts';
import { hashFrom, type Market, outcomeOf, type Side } from '../venue/market.ts';
import type { Movement } from './accounts.ts';
import { seenFrom } from './book.ts';
import { strangerFrom, uuidFrom } from './ids.ts';
import { evenStep, type Fill } from './matching.ts';
import type { TradingSwitches } from './switches.ts';
import type { KeptOrder, KeptTrade, MakerPart } from './types.ts';

/** More transactions than this carry no match. */
const BUCKETS_MAX = 20;

/** Whoever took: an order of this exchange, or a stranger that a recording lets come. */
export type TakerSide = Pick<KeptOrder, 'id' | 'owner' | 'maker' | 'tokenId' | 'side'> &
  Partial<Pick<KeptOrder, 'version'>>;

/** A trade that is about to be, and the hash that its transaction will have. */
export type Draft = {
  readonly trade: KeptTrade;
  readonly hash: string;
  readonly fills: readonly Fill<KeptOrder>[];
  /** The public feeds have the taker's row already. */
  readonly isToldOf: boolean;
};

type Bucket = { readonly index: number; readonly fills: readonly Fill<KeptOrder>[] };

const sum = (numbers: readonly bigint[]): bigint => numbers.reduce((a, b) => a + b, 0n);

/** Cuts what was met into as many transactions, each fill into even parts; the first takes what is left over. */
function bucketsOf(fills: readonly Fill<KeptOrder>[], count: number): readonly Bucket[] {
  const buckets = Math.max(1, Math.min(BUCKETS_MAX, Math.floor(count)));
  const part = (fill: Fill<KeptOrder>, index: number): Fill<KeptOrder> => {
    const each = floorTo(fill.sizeMicros / BigInt(buckets), evenStep(fill.priceMicros));
    const sizeMicros = index === 0 ? fill.sizeMicros - each * BigInt(buckets - 1) : each;
    return { ...fill, sizeMicros, notionalMicros: (sizeMicros * fill.priceMicros) / ONE };
  };
  return Array.from({ length: buckets }, (_, index) => ({
    index,
    fills: fills.map((fill) => part(fill, index)).filter((fill) => fill.sizeMicros > 0n),
  })).filter((bucket) => bucket.fills.length > 0);
}

/** Version 1 took a buyer's fee out of what he got; all else is dollars. Source: polymarket §3. */
const paysInShares = ({ version, side }: TakerSide): boolean => version === 1 && side === 'BUY';

/** What becomes one trade: everything, or what was met at one price. */
function groupsOf(fills: readonly Fill<KeptOrder>[], together: boolean) {
  if (together) return [fills];
  return [...Map.groupBy(fills, (fill) => fill.priceMicros).values()];
}

/** An anonymous level is a stranger's resting order for the taker's own token. */
function makerPart(fill: Fill<KeptOrder>, taker: TakerSide, market: Market): MakerPart {
  if (fill.order === null) {
    const { orderId, owner, maker } = strangerFrom(taker.id, String(fill.priceMicros));
    return {
      orderId,
      owner,
      maker,
      tokenId: taker.tokenId,
      outcome: outcomeOf(market, taker.tokenId),
      side: taker.side === 'BUY' ? 'SELL' : 'BUY',
      priceMicros: fill.priceMicros,
      sizeMicros: fill.sizeMicros,
    };
  }
  const { id, owner, maker, tokenId, outcome, side } = fill.order;
  const { priceMicros } = seenFrom(tokenId, { ...taker, priceMicros: fill.priceMicros });
  return { orderId: id, owner, maker, tokenId, outcome, side, priceMicros, sizeMicros: fill.sizeMicros };
}

/**
 * The trades that one match makes: one for each price and transaction, so that every trade has a price of the grid
 * and comes out even, or one for each transaction at its average price. Hashes are known before they are told.
 */
export function draftTrades(
  taker: TakerSide,
  fills: readonly Fill<KeptOrder>[],
  market: Market,
  switches: Pick<TradingSwitches, 'splitBuckets' | 'oneTradePerOrder'>,
  match: { readonly seq: number; readonly atMs: number },
): readonly Draft[] {
  return bucketsOf(fills, switches.splitBuckets).flatMap(({ index, fills: carried }) => {
    const hash = hashFrom('match', taker.id, String(match.seq), String(index));
    return groupsOf(carried, switches.oneTradePerOrder).map((group, number): Draft => {
      const sizeMicros = sum(group.map((fill) => fill.sizeMicros));
      const notionalMicros = sum(group.map((fill) => fill.notionalMicros));
      const priceMicros = (notionalMicros * ONE) / sizeMicros;
      const fee = takerFeeMicros(market, sizeMicros, priceMicros);
      const trade: KeptTrade = {
        id: uuidFrom('trade', hash, String(number)),
        takerOrderId: taker.id,
        owner: taker.owner,
        maker: taker.maker,
        conditionId: market.conditionId,
        tokenId: taker.tokenId,
        outcome: outcomeOf(market, taker.tokenId),
        side: taker.side,
        sizeMicros,
        notionalMicros,
        priceMicros,
        ...(paysInShares(taker)
          ? { feeMicros: 0n, feeSharesMicros: (fee * ONE) / priceMicros }
          : { feeMicros: fee, feeSharesMicros: 0n }),
        makers: group.map((fill) => makerPart(fill, taker, market)),
        status: 'MATCHED',
        matchedAtMs: match.atMs,
        updatedAtMs: match.atMs,
        bucketIndex: index,
        transactionHash: '',
      };
      return { trade, hash, fills: group, isToldOf: false };
    });
  });
}

/** Dollars that the taker of these trades pays (buy, with fees) or gets (sell, less fees). Micros. */
export const takerDollars = (drafts: readonly Draft[], side: Side): bigint =>
  sum(
    drafts.map(({ trade }) =>
      side === 'BUY' ? trade.notionalMicros + trade.feeMicros : trade.notionalMicros - trade.feeMicros,
    ),
  );

const signed = (side: Side, shares: bigint, dollars: bigint) =>
  side === 'BUY'
    ? { cashMicros: -dollars, sharesMicros: shares }
    : { cashMicros: dollars, sharesMicros: -shares };

/** What a trade moves between the wallets of this exchange; strangers have none. */
export function movementsOf(draft: Draft, taker: TakerSide | null, spender: string): readonly Movement[] {
  const { trade, fills } = draft;
  const own = taker && {
    address: taker.maker,
    spender,
    tokenId: taker.tokenId,
    ...signed(taker.side, trade.sizeMicros - trade.feeSharesMicros, takerDollars([draft], taker.side)),
  };
  const others = fills.flatMap(({ order }, i) => {
    const part = trade.makers[i];
    if (order === null || part === undefined) return [];
    const dollars = (part.sizeMicros * part.priceMicros) / ONE;
    return [
      {
        address: part.maker,
        spender,
        tokenId: part.tokenId,
        ...signed(part.side, part.sizeMicros, dollars),
      },
    ];
  });
  return own ? [own, ...others] : others;
}
