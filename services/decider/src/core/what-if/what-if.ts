import { most, type UsdMicros, usd } from '@slipstream/money';
import type { MarketResolved, ReasonCode, Side } from '@slipstream/proto';
import { type Copy, decide, type Skip } from '../decide.ts';
import type { DecisionInputs } from '../inputs.ts';
import { codesOf } from '../reasons.ts';
import { SimulatedAccount } from './account.ts';
import { fillOf, type SimulatedFill } from './fill.ts';

/** The rules that a group is decided under. */
export type RulesOf = (inputs: DecisionInputs) => Pick<DecisionInputs, 'config' | 'blacklisted'>;

/** A group as it was decided and recorded. */
export type RecordedGroup = {
  readonly attemptId: string;
  readonly decision: 'EXECUTE' | 'SKIP';
  readonly tradeCount: number;
  readonly inputs: DecisionInputs;
};

/** What becomes of a group under some rules; a skip has no notional. */
type GroupOutcome = {
  readonly decision: 'EXECUTE' | 'SKIP';
  readonly reasons: readonly ReasonCode[];
  readonly notionalMicros: UsdMicros;
  readonly filledNotionalMicros: UsdMicros;
};

/** What becomes of all groups under some rules. */
export type RulesOutcome = {
  readonly execute: number;
  readonly skip: number;
  readonly notionalMicros: UsdMicros;
  readonly filledNotionalMicros: UsdMicros;
  readonly feesMicros: UsdMicros;
  /** Since the first group, fees deducted; open positions at their payout or last mark. */
  readonly pnlMicros: UsdMicros;
  /** Positions that never had a mark and are in no figure, except for what they were worth before. */
  readonly unpricedPositions: number;
  /** How many skips each reason was given for; a skip may have several. */
  readonly reasons: Readonly<Partial<Record<ReasonCode, number>>>;
};

export type ChangedGroup = {
  readonly attemptId: string;
  readonly leaderId: string;
  readonly tokenId: string;
  readonly side: Side;
  readonly before: GroupOutcome;
  readonly after: GroupOutcome;
};

export type WhatIfResult = {
  readonly trades: number;
  readonly groups: number;
  readonly before: RulesOutcome;
  readonly after: RulesOutcome;
  /** How many groups end otherwise, and after less before. */
  readonly difference: {
    readonly attempts: number;
    readonly execute: number;
    readonly notionalMicros: UsdMicros;
    readonly pnlMicros: UsdMicros;
  };
  /** Those with the most notional, at most `CHANGED_SHOWN_MAX`. */
  readonly changed: readonly ChangedGroup[];
  /** Groups that the simulator decides otherwise than recorded though the rules are those of then. */
  readonly otherThanRecorded: number;
};

const CHANGED_SHOWN_MAX = 50;

/** One set of rules, the account that follows from it, and what came of it so far. */
class Run {
  readonly #rulesOf: RulesOf;
  readonly #account = new SimulatedAccount();
  readonly #reasons = new Map<ReasonCode, number>();
  #execute = 0;
  #skip = 0;
  #notional = 0n;
  #filled = 0n;

  constructor(rulesOf: RulesOf) {
    this.#rulesOf = rulesOf;
  }

  learn(resolution: MarketResolved): void {
    this.#account.learn(resolution);
  }

  /** Decides one group on the simulated state, and fills a copy at once. */
  step(recorded: DecisionInputs): GroupOutcome {
    this.#account.follow(recorded);
    const state = this.#account.stateFor(recorded);
    // Nothing waits here: what was missing when the group was decided stays missing.
    const inputs = { ...recorded, ...this.#rulesOf(recorded), ...state, waited: true };
    const decision = decide(inputs);
    if (decision.kind === 'wait') throw new Error('a decision waited though its wait was over');
    const { book, market, group } = inputs;
    const fill =
      decision.kind === 'copy' && book !== null && market !== null
        ? fillOf(decision, group.side, book, market)
        : null;
    this.#account.book(group, fill);
    return this.#count(decision, fill);
  }

  finish(): RulesOutcome {
    const { feesMicros, pnlMicros, unpricedPositions } = this.#account.finish();
    const byName = [...this.#reasons].sort(([a], [b]) => (a < b ? -1 : 1));
    const reasons: Partial<Record<ReasonCode, number>> = Object.fromEntries(byName);
    return {
      execute: this.#execute,
      skip: this.#skip,
      notionalMicros: usd(this.#notional),
      filledNotionalMicros: usd(this.#filled),
      feesMicros,
      pnlMicros,
      unpricedPositions,
      reasons,
    };
  }

  #count(decision: Copy | Skip, fill: SimulatedFill | null): GroupOutcome {
    if (decision.kind === 'skip') {
      const reasons = codesOf(decision.reasons);
      for (const code of reasons) this.#reasons.set(code, (this.#reasons.get(code) ?? 0) + 1);
      this.#skip += 1;
      return { decision: 'SKIP', reasons, notionalMicros: usd(0n), filledNotionalMicros: usd(0n) };
    }
    const { notionalMicros } = decision.target;
    const filledNotionalMicros = fill?.notionalMicros ?? usd(0n);
    this.#execute += 1;
    this.#notional += notionalMicros;
    this.#filled += filledNotionalMicros;
    return { decision: 'EXECUTE', reasons: [], notionalMicros, filledNotionalMicros };
  }
}

const isSame = (a: GroupOutcome, b: GroupOutcome): boolean =>
  a.decision === b.decision &&
  a.notionalMicros === b.notionalMicros &&
  a.filledNotionalMicros === b.filledNotionalMicros &&
  a.reasons.join() === b.reasons.join();

const weightOf = ({ before, after }: ChangedGroup): bigint =>
  most(before.notionalMicros, after.notionalMicros);

/** Keeps the groups with the most notional; of equal ones those that came first. */
class Changed {
  readonly shown: ChangedGroup[] = [];
  count = 0;

  add(group: ChangedGroup): void {
    this.count += 1;
    const behind = this.shown.findIndex((other) => weightOf(other) < weightOf(group));
    this.shown.splice(behind === -1 ? this.shown.length : behind, 0, group);
    if (this.shown.length > CHANGED_SHOWN_MAX) this.shown.pop();
  }
}

/**
 * Decides recorded groups again, in their recorded order, under the rules recorded with them and under others, each on
 * an account of its own that follows what it fills: so the difference is that of the rules alone.
 *
 * The same groups in the same order give the same result. Units: micros. Errors: none.
 */
export class WhatIf {
  readonly #before = new Run(({ config, blacklisted }) => ({ config, blacklisted }));
  readonly #after: Run;
  readonly #changed = new Changed();
  #trades = 0;
  #groups = 0;
  #otherThanRecorded = 0;

  constructor(otherRules: RulesOf) {
    this.#after = new Run(otherRules);
  }

  /** A condition that pays out when its time comes; told before the first group in its market. */
  learn(resolution: MarketResolved): void {
    this.#before.learn(resolution);
    this.#after.learn(resolution);
  }

  step({ attemptId, inputs, tradeCount, decision }: RecordedGroup): void {
    this.#trades += tradeCount;
    this.#groups += 1;
    const before = this.#before.step(inputs);
    const after = this.#after.step(inputs);
    if (before.decision !== decision) this.#otherThanRecorded += 1;
    const { leaderId, tokenId, side } = inputs.group;
    if (!isSame(before, after)) this.#changed.add({ attemptId, leaderId, tokenId, side, before, after });
  }

  /** The end of the window; nothing may be decided after it. */
  finish(): WhatIfResult {
    const [before, after] = [this.#before.finish(), this.#after.finish()];
    return {
      trades: this.#trades,
      groups: this.#groups,
      before,
      after,
      difference: {
        attempts: this.#changed.count,
        execute: after.execute - before.execute,
        notionalMicros: usd(after.notionalMicros - before.notionalMicros),
        pnlMicros: usd(after.pnlMicros - before.pnlMicros),
      },
      changed: this.#changed.shown,
      otherThanRecorded: this.#otherThanRecorded,
    };
  }
}
