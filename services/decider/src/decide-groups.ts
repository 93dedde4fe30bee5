import { childOf, withHop } from '@slipstream/bus';
import type { TradingMode } from '@slipstream/proto';
import type { Clock } from '@slipstream/runtime';
import type { BookAsker } from './ask-for-books.ts';
import { decide } from './core/decide.ts';
import type { Group } from './core/group.ts';
import { attemptOf } from './core/intent.ts';
import { route, type Scopes } from './core/route.ts';
import { type Account, inputsFor, readAccount, type Sources } from './load-inputs.ts';
import { type Decided, reservationOf } from './store/attempts.ts';
import type { Settings } from './watch-settings.ts';

export type DecidePorts = Sources & {
  readonly clock: Pick<Clock, 'now'>;
  readonly settings: Pick<Settings, 'configured'>;
  /** The account of each mode that can be traded. */
  readonly scopes: Scopes;
  readonly books: BookAsker;
};

/** The groups as they stand afterwards, and what was decided. */
export type Outcome = { readonly groups: readonly Group[]; readonly decided: readonly Decided[] };

type ModeOutcome =
  | { readonly kind: 'decided'; readonly decided: Decided }
  | { readonly kind: 'wait'; readonly until: Date };

/** One group in one mode. What a copy may take is held back at once, so that the next group does not see it. */
function decideMode(io: DecidePorts, group: Group, account: Account, now: Date): ModeOutcome {
  const inputs = inputsFor(io, group, account, now);
  const decision = decide(inputs);
  if (decision.kind === 'wait') {
    const since = group.waitingSince ?? now;
    return { kind: 'wait', until: new Date(since.getTime() + (inputs.config?.guardrails.bookWaitMs ?? 0)) };
  }
  const [cause = group.groupKey] = group.tradeIds;
  const decided: Decided = {
    ...attemptOf(group, inputs, decision),
    inputs,
    reserve: decision.kind === 'copy' ? decision.reserve : null,
    trace: withHop(childOf(group.trace, cause), 'decided'),
  };
  const reservation = reservationOf(decided);
  if (reservation !== null) io.reservations.add(reservation);
  return { kind: 'decided', decided };
}

/** The group after its modes: DONE, or WAITING until the first of them has waited long enough. */
function afterwards(group: Group, outcomes: readonly ModeOutcome[], now: Date): Group {
  const untilMs = outcomes.flatMap((o) => (o.kind === 'wait' ? [o.until.getTime()] : []));
  if (untilMs.length === 0) return { ...group, status: 'DONE' };
  const modes: TradingMode[] = outcomes.flatMap((o) =>
    o.kind === 'decided' ? [o.decided.attempt.mode] : [],
  );
  return {
    ...group,
    status: 'WAITING',
    waitingSince: group.waitingSince ?? now,
    wakeAt: new Date(Math.min(...untilMs)),
    decidedModes: [...group.decidedModes, ...modes],
  };
}

/** The accounts of the modes that run, valued at the moment of asking. */
export type Accounts = () => readonly Account[];

/** Reads the account of every mode that runs, by one query each. */
export async function readAccounts(io: DecidePorts): Promise<Accounts> {
  const modes = route(io.settings.switches(), io.scopes, io.settings.configured());
  const read = await Promise.all(
    modes.flatMap((mode) => {
      const scope = io.scopes.get(mode);
      return scope === undefined ? [] : [readAccount(io, mode, scope)];
    }),
  );
  return () => read.map((valued) => valued());
}

/**
 * Decides groups in the order given, in every mode that runs. Nothing waits in here: all groups are decided at one
 * instant, one after the other.
 *
 * Nothing is stored here, either. A group whose market data is missing asks for it and comes back WAITING.
 */
export function decideGroups(io: DecidePorts, groups: readonly Group[], accountsNow: Accounts): Outcome {
  const accounts = accountsNow();
  const now = io.clock.now();
  const decided: Decided[] = [];
  const after: Group[] = [];
  for (const group of groups) {
    const outcomes = accounts
      .filter(({ mode }) => !group.decidedModes.includes(mode))
      .map((account) => decideMode(io, group, account, now));
    for (const outcome of outcomes) if (outcome.kind === 'decided') decided.push(outcome.decided);
    const next = afterwards(group, outcomes, now);
    if (next.status === 'WAITING') io.books.ask(group.tokenId);
    after.push(next);
  }
  return { groups: after, decided };
}
