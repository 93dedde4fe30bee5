import { childOf, withHop } from '@slipstream/bus';
import type { Buffering, TradingMode } from '@slipstream/proto';
import type { Clock } from '@slipstream/runtime';
import { createBuffer, type Passed } from './core/bucket-groups.ts';
import { decide } from './core/decide.ts';
import type { Group } from './core/group.ts';
import { attemptOf } from './core/intent.ts';
import { route, type Scopes } from './core/route.ts';
import { scaled } from './core/size.ts';
import type { OpenBuckets } from './desk/open-buckets.ts';
import { type Account, inputsFor, readAccount, type Sources } from './load-inputs.ts';
import { type Decided, reservationOf } from './store/attempts.ts';
import type { BookAsker } from './watched/ask-for-books.ts';
import type { Settings } from './watched/watch-settings.ts';

export type DecidePorts = Sources & {
  readonly clock: Pick<Clock, 'now'>;
  readonly settings: Pick<Settings, 'configured'>;
  /** The account of each mode that can be traded. */
  readonly scopes: Scopes;
  readonly books: BookAsker;
  readonly buckets: Pick<OpenBuckets, 'waiting'>;
};

/** The groups as they stand afterwards, and what was decided. */
export type Outcome = { readonly groups: readonly Group[]; readonly decided: readonly Decided[] };

type Step = { readonly group: Group; readonly decided: Decided | null };

/** One group in its mode. What a copy may take is held back at once, so that the next group does not see it. */
function decideOne(io: DecidePorts, group: Group, account: Account, now: Date): Step {
  const inputs = inputsFor(io, group, account, now);
  const decision = decide(inputs);
  if (decision.kind === 'wait') {
    io.books.ask(group.tokenId);
    const waitingSince = group.waitingSince ?? now;
    const wakeAt = new Date(waitingSince.getTime() + (inputs.config?.guardrails.bookWaitMs ?? 0));
    return { group: { ...group, status: 'WAITING', waitingSince, wakeAt }, decided: null };
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
  return { group: { ...group, status: 'DONE' }, decided };
}

/** The accounts of the modes that run, valued at the moment of asking. */
export type Accounts = () => ReadonlyMap<TradingMode, Account>;

/** Reads the account of every mode that runs, by one query each. */
export async function readAccounts(io: DecidePorts): Promise<Accounts> {
  const modes = route(io.settings.switches(), io.scopes, io.settings.configured());
  const now = io.clock.now();
  const read = await Promise.all(
    modes.flatMap((mode) => {
      const scope = io.scopes.get(mode);
      return scope === undefined ? [] : [readAccount(io, mode, scope, now)];
    }),
  );
  return () => new Map(read.map((valued) => valued()).map((account) => [account.mode, account]));
}

/** A group of trades that is due for the first time may be too small to go alone. */
const mayWait = (group: Group): boolean =>
  group.source === 'TRADES' && group.status === 'OPEN' && group.buffered === null;

/**
 * Decides groups in the order given, and the buckets that are due before them. Nothing waits in here: all are decided
 * at one instant, one after the other, each in its own mode. A group whose mode has been switched off since it was
 * opened is done without an attempt.
 *
 * Nothing is stored here, either. A group whose market data is missing asks for it and comes back WAITING; one that is
 * small comes back BUFFERED.
 */
export function decideGroups(io: DecidePorts, groups: readonly Group[], accountsNow: Accounts): Outcome {
  const accounts = accountsNow();
  const now = io.clock.now();
  const buffer = createBuffer(io.buckets.waiting());
  const decided: Decided[] = [];
  const after = new Map<string, Group>();
  const stand = (group: Group): void => void after.set(`${group.mode} ${group.groupKey}`, group);

  const bufferingOf = ({ mode, leaderId }: Group): Buffering | null =>
    io.settings.rules(mode, leaderId)?.buffering ?? null;
  const passed = (group: Group): Passed => {
    const rules = io.settings.rules(group.mode, group.leaderId);
    if (rules === null || !mayWait(group)) return { decide: [group], after: [] };
    const worth = io.exposures.worthOf(group.leaderId);
    const copy = scaled(group.notionalMicros, rules.facts.sizing, worth);
    return buffer.take(group, copy, rules.buffering, now);
  };
  const settle = (through: Passed): void => {
    for (const group of through.after) stand(group);
    for (const group of through.decide) {
      const account = accounts.get(group.mode);
      const step = account === undefined ? null : decideOne(io, group, account, now);
      stand(step?.group ?? { ...group, status: 'DONE' });
      if (step?.decided != null) decided.push(step.decided);
    }
  };

  settle(buffer.takeDue(now, bufferingOf));
  for (const group of groups) settle(passed(group));
  return { groups: [...after.values()], decided };
}
