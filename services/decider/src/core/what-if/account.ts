import { isCrossed, mid } from '@slipstream/exchange';
import { most, type PriceMicros, shares, type UsdMicros, usd } from '@slipstream/money';
import type { MarketResolved } from '@slipstream/proto';
import type { AccountFacts, BookFacts, DecisionInputs, Exposure, GroupFacts } from '../inputs.ts';
import { dayStart, weekStart } from '../periods.ts';
import type { SimulatedFill } from './fill.ts';
import { Holdings } from './holdings.ts';

/** What a simulated account has made: cash + worth − deposits, as `pnlMicros`, is what it earned less fees. */
export type SimulatedFigures = {
  readonly cashMicros: UsdMicros;
  readonly worthMicros: UsdMicros;
  readonly depositedMicros: UsdMicros;
  readonly feesMicros: UsdMicros;
  /** Realised and unrealised since the first group, before fees. */
  readonly earnedMicros: UsdMicros;
  /** Profit since the first group, fees deducted. */
  readonly pnlMicros: UsdMicros;
  readonly unpricedPositions: number;
};

/** The part of a decision's inputs that follows from what was decided before. */
type State = Pick<DecisionInputs, 'account' | 'position' | 'exposure'>;

/** The middle of a recorded book that can be believed. */
const markOf = (book: BookFacts | null): PriceMicros | null =>
  book === null || book.state === 'absent' || isCrossed(book) ? null : mid(book);

const periodsOf = (now: string) => {
  const at = new Date(Date.parse(now));
  return { day: dayStart(at).getTime(), week: weekStart(at).getTime() };
};

/** What breakers measure against: profit at the start of the day and of the week, and its highest. */
type Profits = { day: number; week: number; ofDay: bigint; ofWeek: bigint; peak: bigint };

/** An account that is open: its money, and what it had made before the first group. */
type Open = { cash: bigint; deposited: bigint; readonly madeBefore: bigint; readonly profits: Profits };

const unreserved = (bookedMicros: UsdMicros): Exposure => ({ bookedMicros, reservedMicros: usd(0n) });

/**
 * One account that begins as it was recorded with the first group and then follows what is filled in it.
 *
 * Copies are filled at once, so nothing is ever reserved. Deposits and withdrawals come as they were recorded.
 * Units: micros. Errors: none.
 */
export class SimulatedAccount {
  readonly #holdings = new Holdings();
  /** Conditions whose time has not come yet, and those that have been paid out. */
  readonly #pending = new Map<string, MarketResolved>();
  readonly #paid = new Map<string, MarketResolved>();
  #open: Open | null = null;
  #fees = 0n;

  /** A condition that is paid out when its time comes. */
  learn(resolution: MarketResolved): void {
    this.#pending.set(resolution.conditionId, resolution);
  }

  /** Takes what the recorded inputs of the next group tell of time, money from outside, and the market. */
  follow(inputs: DecisionInputs): void {
    const { account, now, book, group } = inputs;
    if (account !== null) {
      this.#open ??= this.#begin(account, now);
      this.#turn(this.#open, now);
      this.#open.cash += account.depositedMicros - this.#open.deposited;
      this.#open.deposited = account.depositedMicros;
      this.#open.cash += this.#payOut(now, group.conditionId);
    }
    const mark = markOf(book);
    if (mark !== null) this.#holdings.mark(group.tokenId, mark);
    if (account !== null) this.#holdings.meet(inputs);
  }

  /** The simulated state as a decision reads it. What was not known when the group was decided is not known here. */
  stateFor({ account, group }: DecisionInputs): State {
    const { leaderId, tokenId, conditionId } = group;
    const holdings = this.#holdings;
    return {
      account: account && this.#open && this.#factsOf(account, this.#open),
      position: { sharesMicros: holdings.sharesOf(leaderId, tokenId), reservedMicros: shares(0n) },
      exposure: {
        total: unreserved(holdings.worth()),
        market: unreserved(holdings.ofMarket(conditionId)),
        leader: unreserved(holdings.ofLeader(leaderId)),
      },
    };
  }

  /** Books a fill, or that there was none. */
  book(group: GroupFacts, fill: SimulatedFill | null): void {
    if (this.#open === null) return;
    if (fill !== null && fill.sizeMicros > 0n) {
      const { sizeMicros, notionalMicros, feeMicros } = fill;
      if (group.side === 'BUY') this.#holdings.buy(group, sizeMicros, notionalMicros);
      else this.#holdings.sell(group, sizeMicros, notionalMicros);
      this.#open.cash += (group.side === 'BUY' ? -notionalMicros : notionalMicros) - feeMicros;
      this.#fees += feeMicros;
    }
    const { profits } = this.#open;
    profits.peak = most(profits.peak, this.#profit(this.#open));
  }

  /** The end: everything that has been resolved by now is paid out, also what was resolved after the last group. */
  finish(): SimulatedFigures {
    const open = this.#open ?? { cash: 0n, deposited: 0n, madeBefore: 0n };
    open.cash += this.#payOut(null, null);
    for (const resolution of this.#paid.values()) open.cash += this.#holdings.settle(resolution);
    return {
      cashMicros: usd(open.cash),
      worthMicros: this.#holdings.worth(),
      depositedMicros: usd(open.deposited),
      feesMicros: usd(this.#fees),
      earnedMicros: this.#holdings.earned(),
      pnlMicros: usd(this.#profit(open) - open.madeBefore),
      unpricedPositions: this.#holdings.unpriced(),
    };
  }

  #profit({ cash, deposited }: Pick<Open, 'cash' | 'deposited'>): bigint {
    return cash + this.#holdings.worth() - deposited;
  }

  #begin(recorded: AccountFacts, now: string): Open {
    this.#holdings.begin(recorded.worthMicros);
    const { cashMicros: cash, depositedMicros: deposited } = recorded;
    const profits: Profits = {
      ...periodsOf(now),
      ofDay: recorded.dayProfitMicros,
      ofWeek: recorded.weekProfitMicros,
      peak: recorded.peakProfitMicros,
    };
    return { cash, deposited, madeBefore: this.#profit({ cash, deposited }), profits };
  }

  /** A new day, or week, begins with the profit that there was just before. */
  #turn(open: Open, now: string): void {
    const { profits } = open;
    const { day, week } = periodsOf(now);
    if (day > profits.day) Object.assign(profits, { day, ofDay: this.#profit(open) });
    if (week > profits.week) Object.assign(profits, { week, ofWeek: this.#profit(open) });
  }

  /** Cash of the conditions whose time has come, and of what was bought in this one after it was paid out. */
  #payOut(now: string | null, conditionId: string | null): bigint {
    let cash = 0n;
    for (const resolution of this.#pending.values()) {
      if (now !== null && Date.parse(resolution.resolvedAt) > Date.parse(now)) continue;
      this.#pending.delete(resolution.conditionId);
      this.#paid.set(resolution.conditionId, resolution);
      cash += this.#holdings.settle(resolution);
    }
    const again = conditionId === null ? undefined : this.#paid.get(conditionId);
    return again === undefined ? cash : cash + this.#holdings.settle(again);
  }

  #factsOf(recorded: AccountFacts, { cash, deposited, profits }: Open): AccountFacts {
    return {
      version: recorded.version,
      cashMicros: usd(cash),
      reservedCashMicros: usd(0n),
      worthMicros: this.#holdings.worth(),
      unpricedPositions: recorded.unpricedPositions,
      depositedMicros: usd(deposited),
      dayProfitMicros: usd(profits.ofDay),
      weekProfitMicros: usd(profits.ofWeek),
      peakProfitMicros: usd(profits.peak),
    };
  }
}
