import { z } from 'zod';
import { TradingMode } from '../modes.ts';
import {
  ConditionId,
  Id,
  Instant,
  NotionalMicrosWire,
  PriceMicrosWire,
  ShareDeltaMicrosWire,
  Side,
  TokenId,
  UsdMicrosWire,
} from '../scalars.ts';
import { LeaderFilter, MarketFilter, ModeOfAccount } from './filters.ts';
import { After, Limit, pageOf, Since, Until } from './paging.ts';

/** Source: domain rules §7. */
const LedgerEntryType = z.enum([
  'TRADE_FILL',
  'TRADE_FILL_REVERSAL',
  'DEPOSIT',
  'WITHDRAWAL',
  'SETTLEMENT',
  'REDEEM',
  'FEE',
]);

export const LedgerQuery = z.strictObject({
  tradingMode: ModeOfAccount,
  entryType: LedgerEntryType.optional(),
  leader: LeaderFilter,
  market: MarketFilter,
  since: Since,
  until: Until,
  limit: Limit,
  after: After,
});
export type LedgerQuery = z.infer<typeof LedgerQuery>;

/** One booking; history is only added to. The fee is inside the cash delta and shown apart. */
export const LedgerItem = z.strictObject({
  entryId: z.string().regex(/^\d+$/),
  tradingMode: TradingMode,
  scope: Id,
  refId: z.string().max(300),
  entryType: LedgerEntryType,
  leader: Id.nullable(),
  tokenId: TokenId.nullable(),
  conditionId: ConditionId.nullable(),
  side: Side.nullable(),
  shareDeltaMicros: ShareDeltaMicrosWire,
  cashDeltaMicros: UsdMicrosWire,
  feeMicros: NotionalMicrosWire,
  priceMicros: PriceMicrosWire.nullable(),
  attemptId: Id.nullable(),
  orderId: Id.nullable(),
  occurredAt: Instant,
  bookedAt: Instant,
});
export type LedgerItem = z.infer<typeof LedgerItem>;

export const LedgerPage = pageOf(LedgerItem);
