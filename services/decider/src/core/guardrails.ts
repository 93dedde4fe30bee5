import { depthWithin, isCrossed } from '@slipstream/exchange';
import { type Bps, most, portion, type UsdMicros, usd } from '@slipstream/money';
import type { TradingMode } from '@slipstream/proto';
import { type Prices, worseThan } from './bounds.ts';
import type { BookFacts, ConfigFacts, DecisionInputs, Exposure, MarketFacts } from './inputs.ts';
import { because, failing, type Reason, type Reasons } from './reasons.ts';
import { cashNeeded } from './reserve.ts';
import { liveFor } from './route.ts';
import { equityOf, type Target } from './size.ts';

const MINUTE_MS = 60_000;

/** One check of domain rules §4: the codes that fail, or null. */
type Check<C> = (c: C) => Reasons | null;

/** What is known before the market is asked for. */
export type Admission = DecisionInputs & { readonly config: ConfigFacts };
/** What is known once the trade has a size and a usable book. */
export type Priced = Admission & {
  readonly market: MarketFacts;
  readonly book: BookFacts;
  readonly target: Target;
  /** Null while a side of the book is empty. */
  readonly prices: Prices | null;
};
/** The same with both sides of the book. */
export type Quoted = Priced & { readonly prices: Prices };

/** The first check that fails ends the evaluation; what comes after it is not looked at. */
export function firstFailing<C>(checks: readonly Check<C>[], c: C): Reasons | null {
  for (const check of checks) {
    const reasons = check(c);
    if (reasons !== null) return reasons;
  }
  return null;
}

/** 1. Switches that cannot be read are switches that are off. A pause of entries lets exits run. */
const engineOn: Check<Admission> = ({ mode, switches, group }) =>
  failing(
    [mode === 'PAPER' && switches?.copyEngineEnabled !== true, 'ENGINE_PAUSED'],
    [group.side === 'BUY' && switches?.entriesPaused === true, 'ENGINE_PAUSED', 'ENTRIES_PAUSED'],
  );

/**
 * 2. A leader whom we do not know is a leader who is switched off. Our own exit from what we copied of him asks
 * nothing of him.
 */
const leaderOn: Check<Admission> = ({ leader, live, group }) =>
  failing(
    [!group.isExit && leader?.enabled !== true, 'USER_DISABLED'],
    [group.side === 'BUY' && leader?.entriesPaused === true, 'USER_DISABLED', 'LEADER_ENTRIES_PAUSED'],
    [live !== null && liveFor(live.state, live.override) === 'OFF', 'LIVE_USER_DISABLED'],
  );

/** 3. */
const notBlacklisted: Check<Admission> = ({ blacklisted, group }) =>
  failing([!group.isExit && blacklisted, 'MARKET_BLACKLISTED']);

/** 4. The age of the group's first trade. */
const youngEnough: Check<Admission> = ({ now, group, config }) =>
  failing([
    Date.parse(now) - Date.parse(group.occurredAt) > config.guardrails.maxCopyAgeMs,
    'LEADER_TRADE_TOO_OLD',
  ]);

/** Checks 1–4 need nothing of the market. */
export const ADMISSION: readonly Check<Admission>[] = [engineOn, leaderOn, notBlacklisted, youngEnough];

/** 5. Opening only. A closed market is past its end; one without an end is never near it. */
export const notNearClose: Check<Admission & { readonly market: MarketFacts }> = ({
  group,
  market,
  now,
  config,
}) => {
  if (group.side === 'SELL') return null;
  const leastMs = config.guardrails.noNewOpensWithinMinutesToClose * MINUTE_MS;
  const near = market.endsAt !== null && Date.parse(market.endsAt) - Date.parse(now) < leastMs;
  return failing([market.closed || near, 'MARKET_TOO_CLOSE_TO_CLOSE']);
};

/**
 * 7, as a state: `usable` now; `none` when the exchange was just asked and has no book; `unusable` when it is not
 * here, crossed, or too old, which a newer one may mend.
 */
export function bookState(book: BookFacts | null, freshnessMs: number): 'usable' | 'none' | 'unusable' {
  if (book === null || book.ageMs > freshnessMs) return 'unusable';
  if (book.state === 'absent') return 'none';
  return isCrossed(book) ? 'unusable' : 'usable';
}

/** 7, when it fails. */
export const noFreshBook = (mode: TradingMode): Reason =>
  because(mode === 'LIVE' ? 'LIVE_NO_FRESH_BOOK' : 'NO_FRESH_BOOK');

/** The cash that the copy may take: nothing for a sale. */
export const cashFor = ({ group, config, target, market }: Priced): UsdMicros =>
  group.side === 'BUY'
    ? cashNeeded(target, group.priceMicros, config.guardrails.maxWorseningMicros, market)
    : usd(0n);

/** 8. What our open buys may still take is gone. A sale was fitted to the position when it was sized. */
const enoughCash: Check<Priced> = (c) => {
  const free = c.account === null ? 0n : c.account.cashMicros - c.account.reservedCashMicros;
  return failing([c.group.side === 'BUY' && free < cashFor(c), 'NOT_ENOUGH_CASH']);
};

/** 9. The most that we would pay, or what the leader paid. */
const cheapEnough: Check<Priced> = ({ group, config, prices }) => {
  const most = config.guardrails.maxBuyCostPerShareMicros;
  if (group.side === 'SELL' || most === null) return null;
  const tooDear = group.priceMicros >= most || (prices !== null && prices.limitMicros >= most);
  return failing([tooDear, 'BUY_COST_PER_SHARE_TOO_HIGH']);
};

/** 10. */
const narrowSpread: Check<Quoted> = ({ prices, config }) =>
  failing([prices.askMicros - prices.bidMicros > config.guardrails.maxSpreadMicros, 'SPREAD_TOO_WIDE']);

/** 11. */
const fairPrice: Check<Quoted> = ({ group, prices }) =>
  failing(
    [worseThan(group.side, prices, prices.theirsMicros), 'PRICE_WORSE_THAN_THEIR_FILL'],
    [worseThan(group.side, prices, prices.midMicros), 'PRICE_TOO_FAR_OVER_MID'],
  );

/** 12. */
const deepEnough: Check<Quoted> = ({ group, book, prices, target, config }) => {
  const depth = depthWithin(book, group.side, prices.limitMicros);
  if (depth === 0n) return [because('NO_LIQUIDITY_WITHIN_BOUNDS')];
  const wanted = portion(target.notionalMicros, config.guardrails.minDepthMultiplierBps, 'down');
  return failing([depth < wanted, 'INSUFFICIENT_DEPTH']);
};

/**
 * 13. Losses are measured against what was there: of the day and of the week at their start, the drawdown at the
 * highest point. Deposits are no profit and withdrawals no loss.
 */
const noBreakerTripped: Check<Quoted> = ({ group, account, stopped, config }) => {
  if (group.side === 'SELL') return null;
  const equity = equityOf(account);
  if (account === null || equity === null) return [because('MISSING_EQUITY')];
  const { depositedMicros, dayProfitMicros, weekProfitMicros, peakProfitMicros } = account;
  const { maxDailyLossBps, maxWeeklyLossBps, maxDrawdownBps } = config.guardrails;
  const profit = equity - depositedMicros;
  const fellBelow = (from: bigint, limit: Bps): boolean =>
    from - profit > portion(usd(most<bigint>(depositedMicros + from, 0n)), limit, 'down');
  return failing(
    [equity <= 0n, 'CIRCUIT_BREAKER_TRIPPED', 'EQUITY_GONE'],
    [fellBelow(dayProfitMicros, maxDailyLossBps), 'CIRCUIT_BREAKER_TRIPPED', 'DAILY_LOSS'],
    [fellBelow(weekProfitMicros, maxWeeklyLossBps), 'CIRCUIT_BREAKER_TRIPPED', 'WEEKLY_LOSS'],
    [
      fellBelow(most<bigint>(peakProfitMicros, profit), maxDrawdownBps),
      'CIRCUIT_BREAKER_TRIPPED',
      'DRAWDOWN',
    ],
    [stopped, 'CIRCUIT_BREAKER_TRIPPED', 'CAPITAL_STOP'],
  );
};

/** 14. Exposure after the copy, with everything that is decided and not booked yet. */
const withinCaps: Check<Quoted> = ({ group, account, exposure, target, config }) => {
  if (group.side === 'SELL') return null;
  const equity = equityOf(account);
  if (equity === null) return [because('MISSING_EQUITY')];
  const { maxTotalExposureBps, maxMarketExposureBps, maxLeaderExposureBps } = config.guardrails;
  const over = ({ bookedMicros, reservedMicros }: Exposure, cap: Bps): boolean =>
    bookedMicros + reservedMicros + target.notionalMicros >
    portion(usd(most<bigint>(equity, 0n)), cap, 'down');
  return failing(
    [over(exposure.total, maxTotalExposureBps), 'RISK_CAP_GLOBAL'],
    [over(exposure.market, maxMarketExposureBps), 'RISK_CAP_MARKET'],
    [over(exposure.leader, maxLeaderExposureBps), 'RISK_CAP_USER'],
  );
};

/** Checks 8 and 9, which need no second side of the book. */
export const AFFORDABLE: readonly Check<Priced>[] = [enoughCash, cheapEnough];
/** Checks 10–14. The last two are not for sales, which only reduce what we hold. */
export const EXECUTABLE: readonly Check<Quoted>[] = [
  narrowSpread,
  fairPrice,
  deepEnough,
  noBreakerTripped,
  withinCaps,
];
