import { z } from 'zod';

/** Why something was not copied: the closed list, each with one sentence a user understands. Source: domain rules §3–§8. */
export const REASONS = {
  ENGINE_PAUSED: 'Copying is switched off, or takes no new positions.',
  USER_DISABLED: 'This leader is switched off, or takes no new positions.',
  LIVE_USER_DISABLED: 'Live trading is forced off for this leader.',
  MARKET_BLACKLISTED: 'This market or token is on your blacklist.',
  LEADER_TRADE_TOO_OLD: 'The trade was too old when we saw it.',
  LEADER_TRADE_BELOW_MIN_NOTIONAL: 'The leader’s trade was smaller than the least you want copied.',
  MERGE_SPLIT_NOT_APPLICABLE: 'Splits, merges, redemptions and conversions are recorded, not copied.',
  MARKET_TOO_CLOSE_TO_CLOSE: 'The market ends too soon to open a position in it.',
  BUFFERED: 'The trade is small and waits for others before it is copied.',
  BUFFER_FLUSH_BELOW_MIN_EXEC: 'The small trades together stayed under the least notional worth executing.',
  BELOW_MIN_AFTER_BANKROLL_CAP: 'The bankroll limit leaves less than the minimum trade.',
  BUDGET_HARD_CAP_EXCEEDED: 'This leader’s budget is used up.',
  BELOW_MIN_ORDER_SIZE: 'The copy would be smaller than the market’s minimum order.',
  MISSING_EQUITY: 'Our equity is not known, so the trade could not be sized.',
  MISSING_MARKET_DATA: 'The market’s data (tick size, minimum, fees, end) is not known yet.',
  NO_FRESH_BOOK: 'There was no fresh, uncrossed order book to copy against.',
  NOT_ENOUGH_CASH: 'There was not enough cash.',
  NOT_ENOUGH_POSITION_TO_SELL: 'We hold nothing from this leader to sell.',
  BUY_COST_PER_SHARE_TOO_HIGH: 'A share would cost more than the limit you set.',
  SPREAD_TOO_WIDE: 'The spread between bid and ask was too wide.',
  PRICE_WORSE_THAN_THEIR_FILL: 'Our price would be too much worse than the leader’s.',
  PRICE_TOO_FAR_OVER_MID: 'Our price would be too far from the middle of the book.',
  INSUFFICIENT_DEPTH: 'The book did not hold enough at acceptable prices.',
  NO_LIQUIDITY_WITHIN_BOUNDS: 'The book held nothing at acceptable prices.',
  CIRCUIT_BREAKER_TRIPPED: 'A loss limit has stopped new positions.',
  RISK_CAP_GLOBAL: 'The limit on total exposure is reached.',
  RISK_CAP_MARKET: 'The limit on exposure to this market is reached.',
  RISK_CAP_USER: 'The limit on exposure to this leader is reached.',
  LIVE_MODE_OFF: 'Live trading is off.',
  LIVE_SHADOW_ONLY: 'Live trading is in shadow: the order was planned, not sent.',
  LIVE_NO_FRESH_BOOK: 'There was no fresh, uncrossed order book for a live order.',
  LIVE_AUTH_MISSING: 'The exchange credentials are missing.',
  LIVE_ACCOUNT_STATE_UNHEALTHY: 'The account’s state is unknown or too old.',
  LIVE_WS_NOT_CONNECTED: 'The account’s event stream is not connected.',
  LIVE_SUBMISSIONS_PAUSED: 'Live orders are paused until a person clears the pause.',
  INTENT_EXPIRED: 'The decision was too old to act on.',
  LIVE_ORDER_NOT_MARKETABLE_WITHIN_BOUNDS: 'The best price is outside what you allow.',
  LIVE_TICK_ROUNDING_VIOLATES_BOUNDS: 'No price on the market’s grid lies within what you allow.',
  LIVE_INVALID_TICK_OR_STEP: 'The market’s tick or minimum size is unknown.',
  LIVE_BELOW_MIN_ORDER_SIZE: 'The live order would be smaller than the exchange accepts.',
  LIVE_INSUFFICIENT_CASH_TO_BUY: 'The wallet does not hold enough cash.',
  LIVE_INSUFFICIENT_POSITION_TO_SELL: 'The wallet does not hold enough shares.',
  LIVE_HARD_LIMIT: 'A hard limit of the key holder forbids this order.',
  LIVE_ORDER_REJECTED: 'The exchange refused the order.',
  LIVE_ORDER_FAILED: 'The order failed.',
  LIVE_RECONCILIATION_UNHEALTHY: 'Our books and the exchange’s disagree too much to go on.',
  GEOBLOCKED: 'The exchange does not serve this location.',
  VENUE_VERSION_UNKNOWN: 'The exchange speaks a version that we do not know.',
} as const satisfies Record<string, string>;

export const ReasonCode = z.enum(Object.keys(REASONS) as [keyof typeof REASONS, ...(keyof typeof REASONS)[]]);
export type ReasonCode = z.infer<typeof ReasonCode>;

/** What makes a reason more exact: a machine word that goes with the attempt, each with one sentence. */
export const REASON_DETAILS = {
  ENTRIES_PAUSED: 'New positions are paused for all leaders; exits run.',
  LEADER_ENTRIES_PAUSED: 'New positions are paused for this leader; exits run.',
  EQUITY_GONE: 'Our equity is zero or less.',
  DAILY_LOSS: 'The loss of the day is over its limit.',
  WEEKLY_LOSS: 'The loss of the week is over its limit.',
  DRAWDOWN: 'Equity has fallen too far from its highest point.',
  CAPITAL_STOP: 'The trailing capital stop of this leader has tripped.',
} as const satisfies Record<string, string>;

export const ReasonDetail = z.enum(
  Object.keys(REASON_DETAILS) as [keyof typeof REASON_DETAILS, ...(keyof typeof REASON_DETAILS)[]],
);
export type ReasonDetail = z.infer<typeof ReasonDetail>;
