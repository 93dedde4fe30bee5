import { childOf, withHop } from '@slipstream/bus';
import type { Buffering, TradingMode } from '@slipstream/proto';
import type { Clock } from '@slipstream/runtime';
import { createBuffer, type Passed } from './core/bucket-groups.ts';
import { type Copy, decide, type Skip } from './core/decide.ts';
import { decides } from './core/exits.ts';
import { type Group, groupIdOf } from './core/group.ts';
import type { DecisionInputs } from './core/inputs.ts';
import { attemptOf } from './core/intent.ts';
import { accountsIn, route, type Scopes } from './core/route.ts';
import { scaled } from './core/size.ts';
import type { OpenBuckets } from './desk/open-buckets.ts';
import { type Account, inputsFor, readAccount, type Sources } from './load-inputs.ts';
import { type Decided, reservationOf } from './store/attempts.ts';
import type { BookAsker } from './watched/ask-for-books.ts';
import type { Settings } from './watched/watch-settings.ts';

export type DecidePorts = Sources & {
  readonly clock: Pick<Clock, 'now'>;
  readonly settings: Pick<Settings, 'configured'>;
  /** The accounts of each mode that can be traded. */
  readonly scopes: Scopes;
  readonly books: BookAsker;
  readonly buckets: Pick<OpenBuckets, 'waiting'>;
};

/** The groups as they stand afterwards, and what was decided. */
export type Outcome = { readonly groups: readonly Group[]; readonly decided: readonly Decided[] };

/** How a group stands after it was looked at, with an attempt for each account that it was decided for. */
type Step = { readonly group: Group; readonly decided: readonly Decided[] };

/** What is decided of a group in one account, and from what. */
type Answer = { readonly inputs: DecisionInputs; readonly decision: Copy | Skip };

/** A group that lacks market data asks for it, and waits as long as its mode's rules say. */
function waiting(io: DecidePorts, group: Group, now: Date): Group {
  io.books.ask(group.tokenId);
  const bookWaitMs = io.settings.rules(group.mode, group.leaderId)?.facts.guardrails.bookWaitMs ?? 0;
  const waitingSince = group.waitingSince ?? now;
  const wakeAt = new Date(waitingSince.getTime() + bookWaitMs);
  return { ...group, status: 'WAITING', waitingSince, wakeAt };
}

/** The attempt of an answer. What a copy may take is held back at once, so that the next group does not see it. */
function settled(io: DecidePorts, group: Group, { inputs, decision }: Answer): Decided {
  const [cause = group.groupKey] = group.tradeIds;
  const decided: Decided = {
    ...attemptOf(group, inputs, decision),
    inputs,
    reserve: decision.kind === 'copy' ? decision.reserve : null,
    trace: withHop(childOf(group.trace, cause), 'decided'),
  };
  const reservation = reservationOf(decided);
  if (reservation !== null) io.reservations.add(reservation);
  return decided;
}

/**
 * One group, in each of these accounts. Where one account has to wait all do, and nothing is held back: a group is
 * decided whole, or not yet.
 */
function decideOne(io: DecidePorts, group: Group, accounts: readonly Account[], now: Date): Step {
  const answers: Answer[] = [];
  for (const account of accounts) {
    const inputs = inputsFor(io, group, account, now);
    const decision = decide(inputs);
    if (decision.kind === 'wait') return { group: waiting(io, group, now), decided: [] };
    answers.push({ inputs, decision });
  }
  const decided = answers.map((answer) => settled(io, group, answer));
  return { group: { ...group, status: 'DONE' }, decided };
}

/** The accounts of the modes that run, in the order of deciding, valued at the moment of asking. */
export type Accounts = () => readonly Account[];

/**
 * Reads every account of these modes, as far as they run, by one query each. A bucket may come due with any group, so that
 * while groups wait in buckets all are read.
 */
export async function readAccounts(io: DecidePorts, wanted: ReadonlySet<TradingMode>): Promise<Accounts> {
  const running = route(io.settings.switches(), io.scopes, io.settings.configured());
  const modes = io.buckets.waiting().size > 0 ? running : running.filter((mode) => wanted.has(mode));
  const now = io.clock.now();
  const read = await Promise.all(accountsIn(io.scopes, modes).map((name) => readAccount(io, name, now)));
  return () => read.map((valued) => valued());
}

/** A group of trades that is due for the first time may be too small to go alone. */
const mayWait = (group: Group): boolean =>
  group.source === 'TRADES' && group.status === 'OPEN' && group.buffered === null;

/**
 * Decides groups in the order given, and the buckets that are due before them. Nothing waits in here: all are decided
 * at one instant, one after the other, each in every account of its own mode. A group whose mode has been switched
 * off since it was opened, or whose wallet is not ours any more, is done without an attempt.
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
  const stand = (group: Group): void => void after.set(groupIdOf(group), group);

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
      const deciding = accounts.filter((account) => decides(account, group));
      const step = decideOne(io, group, deciding, now);
      stand(step.group);
      decided.push(...step.decided);
    }
  };

  settle(buffer.takeDue(now, bufferingOf));
  for (const group of groups) settle(passed(group));
  return { groups: [...after.values()], decided };
}
