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
import type { Sizing } from '@slipstream/proto';
import type { DecisionInputs, GroupFacts } from './inputs.ts';
import type { Reasons } from './reasons.ts';

/** How much we want to trade. */
export type Target = { readonly notionalMicros: UsdMicros; readonly sizeMicros: ShareMicros };
export type Sized =
  | { readonly kind: 'sized'; readonly target: Target }
  | { readonly kind: 'refused'; readonly reasons: Reasons };

const refused = (...reasons: Reasons): Sized => ({ kind: 'refused', reasons });

/** Cash plus what the positions are worth; null while either is not known. Source: domain rules §7. */
export function equityOf(account: DecisionInputs['account']): UsdMicros | null {
  if (account === null || account.unpricedPositions > 0) return null;
  return usd(account.cashMicros + account.worthMicros);
}

/** The part of the leader's notional that we copy: `floor(N × rate)`, raised to the minimum, then cut to the maximum. */
function atRate(leaderNotional: UsdMicros, sizing: Sizing): UsdMicros {
  const wanted = portion(leaderNotional, sizing.copyPctNotionalBps, 'down');
  return least(most(wanted, sizing.minTradeNotionalMicros), sizing.maxTradeNotionalMicros);
}

/** A target that buys or sells no share at all is no trade. */
function inShares(target: UsdMicros, group: GroupFacts): Sized {
  const sizeMicros = group.priceMicros > 0n ? sharesFor(target, group.priceMicros, 'down') : shares(0n);
  if (sizeMicros <= 0n) return refused('LEADER_TRADE_BELOW_MIN_NOTIONAL');
  return { kind: 'sized', target: { notionalMicros: target, sizeMicros } };
}

/**
 * A BUY: rate, minimum, maximum, bankroll, shares, in this order. The bankroll cut is the last, so that raising to
 * the minimum can never stake more than the bankroll allows: a cut under the minimum is a skip.
 *
 * Units: micros. Source: domain rules §3.
 */
export function sizeBuy(group: GroupFacts, sizing: Sizing, equity: UsdMicros | null): Sized {
  if (equity === null) return refused('MISSING_EQUITY');
  const bankroll = equity > 0n ? portion(equity, sizing.maxTradeBankrollBps, 'down') : usd(0n);
  if (bankroll < sizing.minTradeNotionalMicros || bankroll === 0n)
    return refused('BELOW_MIN_AFTER_BANKROLL_CAP');
  return inShares(least(atRate(group.notionalMicros, sizing), bankroll), group);
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
 * - The bankroll bounds what is put in, so a sale needs no equity.
 *
 * Units: micros. Source: domain rules §3, "sells".
 */
export function sizeSell(group: GroupFacts, sizing: Sizing, available: ShareMicros): Sized {
  if (available <= 0n) return refused('NOT_ENOUGH_POSITION_TO_SELL');
  if (sizing.sellMode === 'rate') {
    const sized = inShares(atRate(group.notionalMicros, sizing), group);
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

/**
 * Check 6: the leader's minimum and our size; the reasons of both are collected.
 *
 * An account that is not known at all stops sales, too: what we hold is then not known either.
 * Source: domain rules §3, §4.
 */
export function size(inputs: DecisionInputs, sizing: Sizing): Sized {
  const { group, account } = inputs;
  const sized =
    account === null
      ? refused('MISSING_EQUITY')
      : group.side === 'BUY'
        ? sizeBuy(group, sizing, equityOf(account))
        : sizeSell(group, sizing, availableShares(inputs));
  if (group.notionalMicros >= sizing.minLeaderTradeNotionalMicros) return sized;
  const others = sized.kind === 'refused' ? sized.reasons : [];
  return refused(
    'LEADER_TRADE_BELOW_MIN_NOTIONAL',
    ...others.filter((code) => code !== 'LEADER_TRADE_BELOW_MIN_NOTIONAL'),
  );
}
