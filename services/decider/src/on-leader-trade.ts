import { type Delivery, type Handler, Poison, withHop } from '@slipstream/bus';
import type { LeaderTrade, TradingMode } from '@slipstream/proto';
import type { Clock } from '@slipstream/runtime';
import { type Arrival, type Group, impossible, type ModeWindow, planArrivals } from './core/group.ts';
import { route, type Scopes } from './core/route.ts';
import type { Accounts, Outcome } from './decide-groups.ts';
import type { Desk } from './desk/desk.ts';
import type { OpenGroups } from './desk/open-groups.ts';
import type { Figures } from './figures.ts';
import { createGatherer } from './partitions/gather.ts';
import type { StoredFacts } from './store/groups.ts';
import type { Settings } from './watched/watch-settings.ts';

/** Trades of one transaction: past this a larger one is no faster, only longer. */
const PASS_TRADES_MAX = 512;

export type LeaderTradePorts = {
  readonly clock: Pick<Clock, 'now'>;
  readonly desk: Pick<Desk, 'pass' | 'settle'>;
  readonly groups: Pick<OpenGroups, 'byLane'>;
  readonly settings: Pick<Settings, 'rules' | 'switches' | 'configured'>;
  readonly scopes: Scopes;
  /** Which of these belong to a group already, and what their leaders hold. */
  readonly readFacts: (trades: readonly LeaderTrade[]) => Promise<StoredFacts>;
  /** Of these modes. */
  readonly readAccounts: (modes: ReadonlySet<TradingMode>) => Promise<Accounts>;
  readonly decideGroups: (groups: readonly Group[], accounts: Accounts) => Outcome;
  readonly figures: Pick<Figures, 'arrived' | 'decided'>;
};

/** A trade that cannot be decided, ever, must not hold up the others. */
function refuseImpossible(batch: readonly Delivery<LeaderTrade>[]): void {
  for (const { message } of batch) {
    const why = impossible(message);
    if (why !== null) throw new Poison(`${message.tradeId}: ${why}`);
  }
}

/** Groups that wait for nobody are decided in the pass that opened them; the others when their window ends. */
const isDue = (group: Group, now: Date): boolean => group.dueAt.getTime() <= now.getTime();

/** Puts arrivals into groups, in every mode that runs, and decides what waits for nobody; all in one transaction. */
async function takeArrivals(io: LeaderTradePorts, arrivals: readonly Arrival[]): Promise<void> {
  // Load; the accounts only where a window of nothing decides at once.
  const modes = route(io.settings.switches(), io.scopes, io.settings.configured());
  const windowsOf = ({ leaderId }: LeaderTrade): readonly ModeWindow[] =>
    modes.map((mode) => ({ mode, windowMs: io.settings.rules(mode, leaderId)?.aggregationWindowMs ?? 0 }));
  const trades = arrivals.map(({ trade }) => trade);
  const atOnce = new Set(
    trades.flatMap((trade) =>
      windowsOf(trade).flatMap(({ mode, windowMs }) => (windowMs === 0 ? [mode] : [])),
    ),
  );
  const [{ grouped, held }, accounts] = await Promise.all([
    io.readFacts(trades),
    atOnce.size > 0 ? io.readAccounts(atOnce) : null,
  ]);
  const now = io.clock.now();

  // Decide: first where each part belongs, then the groups that wait for nobody.
  const plan = planArrivals(arrivals, { open: io.groups.byLane(), held, grouped }, now, windowsOf);
  // A window that ends at this very moment, in a mode whose accounts were not read, is left to its own deadline.
  const due =
    accounts === null ? [] : plan.groups.filter((group) => atOnce.has(group.mode) && isDue(group, now));
  const outcome: Outcome =
    accounts === null || due.length === 0 ? { groups: [], decided: [] } : io.decideGroups(due, accounts);
  const open = plan.groups.filter((group) => !due.includes(group));

  // Commit; what it announces goes out after that.
  const { parts, holdings } = plan;
  const groups = [...open, ...outcome.groups];
  const { decided } = outcome;
  if (parts.length > 0) await io.desk.settle({ parts, holdings, groups, decided, stops: [], at: now });

  // Record.
  const taken = new Set(parts.map(({ tradeId }) => tradeId)).size;
  io.figures.arrived(taken, arrivals.length - taken);
  io.figures.decided(decided);
}

/**
 * Consumes `copy.leader.trade.*`, one reader for each partition that we hold; what they have at hand together is one
 * pass.
 *
 * Redelivery-safe: a part that has a group is known by its primary key and changes nothing.
 */
export function onLeaderTrades(io: LeaderTradePorts): (partition: number) => Handler<LeaderTrade> {
  const gather = createGatherer<Arrival>(
    (arrivals) => io.desk.pass(() => takeArrivals(io, arrivals)),
    PASS_TRADES_MAX,
  );
  return (partition) => async (batch) => {
    refuseImpossible(batch);
    await gather(
      batch.map(({ message, trace, receivedAt }) => ({
        trade: message,
        trace: withHop(trace, 'received', receivedAt),
        partition,
      })),
    );
  };
}
