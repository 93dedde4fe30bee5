import { z } from 'zod';
import { ConditionId, Id, Instant, NotionalMicrosWire, ShareMicrosWire, TokenId, Wallet } from './scalars.ts';

/** Positions that one wallet may have: far more than a copy account holds. */
export const ACCOUNT_POSITIONS_MAX = 2_000;

/** What the exchange says that the wallet has. */
export const AccountState = z.strictObject({
  scope: Id,
  /** The wallet whose money moves: the funder. */
  wallet: Wallet,
  cashMicros: NotionalMicrosWire,
  positions: z
    .array(z.strictObject({ tokenId: TokenId, conditionId: ConditionId, sizeMicros: ShareMicrosWire }))
    .max(ACCOUNT_POSITIONS_MAX),
  /** Every figure was true at this instant or later: the time at which the oldest question was asked. */
  asOf: Instant,
});
export type AccountState = z.infer<typeof AccountState>;
