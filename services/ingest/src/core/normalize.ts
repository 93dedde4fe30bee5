import type { ActivityRow } from '@slipstream/exchange';
import { notional } from '@slipstream/money';
import { ConditionId, LeaderActivityType, leaderTradeId, Side, TokenId } from '@slipstream/proto';
import type { TradeRow } from './observation.ts';

const SECOND_MS = 1_000;

export type Normalized =
  | { readonly kind: 'trade'; readonly row: TradeRow }
  | {
      readonly kind: 'activity';
      readonly type: 'SPLIT' | 'MERGE' | 'REDEEM' | 'CONVERSION' | 'TRANSFER' | 'OTHER';
    }
  | { readonly kind: 'rubbish'; readonly why: string };

/** Types of the Data API that are ours by another name, or none of ours. */
const activityType = (type: string) => LeaderActivityType.safeParse(type).data ?? 'OTHER';

/**
 * One row of a public feed in the words of the domain. Rows of the same trade share its id, whoever prints them.
 *
 * Units: micros; price × size is floored, the same for every source. Errors: none; what cannot be is `rubbish`.
 */
export function normalize(row: ActivityRow): Normalized {
  if (row.type !== 'TRADE') return { kind: 'activity', type: activityType(row.type) };
  const side = Side.safeParse(row.side);
  const tokenId = TokenId.safeParse(row.tokenId);
  const conditionId = ConditionId.safeParse(row.conditionId);
  if (!side.success) return { kind: 'rubbish', why: `side ${row.side}` };
  if (!tokenId.success) return { kind: 'rubbish', why: 'token id' };
  if (!conditionId.success) return { kind: 'rubbish', why: 'condition id' };
  if (row.sizeMicros <= 0n) return { kind: 'rubbish', why: 'size is not above zero' };
  const identity = {
    transactionHash: row.transactionHash,
    wallet: row.wallet,
    tokenId: tokenId.data,
    side: side.data,
  };
  return {
    kind: 'trade',
    row: {
      tradeId: leaderTradeId(identity),
      identity,
      conditionId: conditionId.data,
      outcome: row.outcome === '' ? null : row.outcome,
      sizeMicros: row.sizeMicros,
      notionalMicros: notional(row.sizeMicros, row.priceMicros, 'down'),
      priceKey: `${row.priceMicros}:${row.sizeMicros}:${row.timestamp}`,
      occurredAtMs: row.timestamp * SECOND_MS,
    },
  };
}
