import {
  least,
  most,
  mulDiv,
  notional,
  portion,
  type ShareMicros,
  shares,
  sharesFor,
  type UsdMicros,
  usd,
} from '@slipstream/money';
import type { ReasonCode, Sizing } from '@slipstream/proto';
import type { AccountFacts, DecisionInputs, Exposure, GroupFacts } from './inputs.ts';
import { because, type Reasons } from './reasons.ts';

/** How much we want to trade. */
export type Target = { readonly notionalMicros: UsdMicros; readonly sizeMicros: ShareMicros };
export type Sized =
  | { readonly kind: 'sized'; readonly target: Target }
  | { readonly kind: 'refused'; readonly reasons: Reasons };

const refused = (code: ReasonCode): Sized => ({ kind: 'refused', reasons: [because(code)] });

/** Cash plus what the positions are worth; null while either is not known. Source: domain rules §7. */
export function equityOf(account: DecisionInputs['account']): UsdMicros | null {
  if (account === null || account.unpricedPositions > 0) return null;
  return usd(account.cashMicros + account.worthMicros);
}

/**
 * What we copy of a leader's notional before any clamp.
 *
 * - `fixedRate`: `floor(N × rate)`.
 * - `budgetedDynamic`: our budget goes where his money goes, `floor(N × budget / E)` with E his own exposure, but never
 *   under the least rate or over the highest one. Where E is nothing or not known, the highest rate.
 *
 * Units: micros. Source: domain rules §3.
 */
export function scaled(leaderNotional: UsdMicros, sizing: Sizing, leaderWorth: UsdMicros | null): UsdMicros {
  if (sizing.sizingMode === 'fixedRate') return portion(leaderNotional, sizing.copyPctNotionalBps, 'down');
  const ceiling = portion(leaderNotional, sizing.budgetRMaxBps, 'down');
  if (leaderWorth === null || leaderWorth <= 0n || sizing.budgetMicros === null) return ceiling;
  const wanted = usd(mulDiv(leaderNotional, sizing.budgetMicros, leaderWorth, 'down'));
  return least(most(wanted, portion(leaderNotional, sizing.budgetRMinBps, 'down')), ceiling);
}

/** After the rate: raised to the minimum, then cut to the maximum. What a buffer scaled is not scaled again. */
function atRate(group: GroupFacts, sizing: Sizing, leaderWorth: UsdMicros | null): UsdMicros {
  const wanted = group.flush?.scaledMicros ?? scaled(group.notionalMicros, sizing, leaderWorth);
  return least(most(wanted, sizing.minTradeNotionalMicros), sizing.maxTradeNotionalMicros);
}

/** A target that buys or sells no share at all is no trade. */
function inShares(target: UsdMicros, group: GroupFacts): Sized {
  const sizeMicros = group.priceMicros > 0n ? sharesFor(target, group.priceMicros, 'down') : shares(0n);
  if (sizeMicros <= 0n) return refused('LEADER_TRADE_BELOW_MIN_NOTIONAL');
  return { kind: 'sized', target: { notionalMicros: target, sizeMicros } };
}

/** What the leader's hard budget still leaves, what is decided and not booked yet counted; null where there is none. */
function headroomOf(sizing: Sizing, ours: Exposure): bigint | null {
  if (sizing.budgetMicros === null || sizing.budgetEnforcement === 'soft') return null;
  return sizing.budgetMicros - ours.bookedMicros - ours.reservedMicros;
}

/** What a BUY is sized from. */
export type BuyFacts = {
  readonly group: GroupFacts;
  readonly equity: UsdMicros | null;
  readonly leaderWorth: UsdMicros | null;
  /** What we hold from this leader. */
  readonly ours: Exposure;
};

/**
 * A BUY: rate, minimum, maximum, bankroll, hard budget, shares, in this order. The cuts come last, so that raising to
 * the minimum can never stake more than bankroll and budget allow: a cut under the minimum is a skip.
 *
 * Units: micros. Source: domain rules §3.
 */
export function sizeBuy({ group, equity, leaderWorth, ours }: BuyFacts, sizing: Sizing): Sized {
  if (equity === null) return refused('MISSING_EQUITY');
  const bankroll = equity > 0n ? portion(equity, sizing.maxTradeBankrollBps, 'down') : usd(0n);
  if (bankroll < sizing.minTradeNotionalMicros || bankroll === 0n)
    return refused('BELOW_MIN_AFTER_BANKROLL_CAP');
  const affordable = least(atRate(group, sizing, leaderWorth), bankroll);
  const headroom = headroomOf(sizing, ours);
  if (headroom === null) return inShares(affordable, group);
  if (headroom <= 0n || headroom < sizing.minTradeNotionalMicros) return refused('BUDGET_HARD_CAP_EXCEEDED');
  return inShares(least(usd(headroom), affordable), group);
}

/**
 * The part of our shares that a proportional sale takes: what the group sold of what the leader was known to hold
 * before it, floored. We know his trades since we follow him and nothing earlier, which is also all that we copied;
 * who sells at least that much is taken to be out.
 */
function shareOfOurs(group: GroupFacts, ours: ShareMicros): ShareMicros {
  if (group.sizeMicros >= group.leaderHeldMicros) return ours;
  return shares(mulDiv(ours, group.sizeMicros, group.leaderHeldMicros, 'down'));
}

/**
 * A SELL reduces what we hold from this leader, and is never more than that, less what our own open sales take.
 *
 * - `proportional` is exact: neither minimum nor maximum applies, since either would make x % of ours another part
 *   than x % of his.
 * - `rate` is the buys' rate with the buys' minimum and maximum, then cut to what we hold, even where that is under
 *   the minimum: a rule about stakes must not keep us in a position.
 * - An exit sells all.
 * - The bankroll bounds what is put in, so a sale needs no equity.
 *
 * Units: micros. Source: domain rules §3, "sells".
 */
export function sizeSell(
  group: GroupFacts,
  sizing: Sizing,
  available: ShareMicros,
  leaderWorth: UsdMicros | null,
): Sized {
  if (available <= 0n) return refused('NOT_ENOUGH_POSITION_TO_SELL');
  if (group.isExit) return sellOf(available, group);
  if (sizing.sellMode === 'rate') {
    const sized = inShares(atRate(group, sizing, leaderWorth), group);
    if (sized.kind === 'refused') return sized;
    return sellOf(least(sized.target.sizeMicros, available), group);
  }
  const sizeMicros = shareOfOurs(group, available);
  return sizeMicros > 0n ? sellOf(sizeMicros, group) : refused('NOT_ENOUGH_POSITION_TO_SELL');
}

const sellOf = (sizeMicros: ShareMicros, group: GroupFacts): Sized => ({
  kind: 'sized',
  target: { sizeMicros, notionalMicros: notional(sizeMicros, group.priceMicros, 'down') },
});

/** Our shares that no open sale of ours has taken yet. */
const availableShares = ({ position }: DecisionInputs): ShareMicros =>
  shares(most(position.sharesMicros - position.reservedMicros, 0n));

function sizeSide(inputs: DecisionInputs, account: AccountFacts, sizing: Sizing): Sized {
  const { group, leaderWorthMicros: leaderWorth, exposure } = inputs;
  return group.side === 'BUY'
    ? sizeBuy({ group, equity: equityOf(account), leaderWorth, ours: exposure.leader }, sizing)
    : sizeSell(group, sizing, availableShares(inputs), leaderWorth);
}

/**
 * Check 6: the leader's minimum, the buffer's minimum, and our size; the reasons of all are collected.
 *
 * An account that is not known at all stops sales, too: what we hold is then not known either.
 * Source: domain rules §3, §4.
 */
export function size(inputs: DecisionInputs, sizing: Sizing): Sized {
  const { group, account } = inputs;
  if (group.flush?.belowMinExec === true) return refused('BUFFER_FLUSH_BELOW_MIN_EXEC');
  const sized = account === null ? refused('MISSING_EQUITY') : sizeSide(inputs, account, sizing);
  if (group.isExit || group.notionalMicros >= sizing.minLeaderTradeNotionalMicros) return sized;
  const others = sized.kind === 'refused' ? sized.reasons : [];
  const tooSmall = because('LEADER_TRADE_BELOW_MIN_NOTIONAL');
  return {
    kind: 'refused',
    reasons: [tooSmall, ...others.filter(({ code }) => code !== tooSmall.code)],
  };
}
