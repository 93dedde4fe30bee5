import { type Delivery, type Handler, Poison, withHop } from '@slipstream/bus';
import type { LeaderTrade } from '@slipstream/proto';
import type { Clock } from '@slipstream/runtime';
import { type Group, impossible, planArrivals } from './core/group.ts';
import type { Accounts, Outcome } from './decide-groups.ts';
import type { Desk } from './desk.ts';
import type { Figures } from './figures.ts';
import type { OpenGroups } from './open-groups.ts';
import type { StoredFacts } from './store/groups.ts';
import type { Settings } from './watch-settings.ts';

export type LeaderTradePorts = {
  readonly clock: Pick<Clock, 'now'>;
  readonly desk: Pick<Desk, 'pass' | 'settle'>;
  readonly groups: Pick<OpenGroups, 'byLane'>;
  readonly settings: Pick<Settings, 'mode'>;
  /** Which of these belong to a group already, and what their leaders hold. */
  readonly readFacts: (trades: readonly LeaderTrade[]) => Promise<StoredFacts>;
  readonly readAccounts: () => Promise<Accounts>;
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

/**
 * Consumes `copy.leader.trade.*`: puts each part into its group and arms the group's deadline; with a window of
 * nothing the group is decided in the same pass and transaction.
 *
 * Redelivery-safe: a part that has a group is known by its primary key and changes nothing.
 */
export const onLeaderTrades =
  (io: LeaderTradePorts): Handler<LeaderTrade> =>
  async (batch) => {
    refuseImpossible(batch);
    await io.desk.pass(async () => {
      // Load; the accounts only where a window of nothing decides at once.
      const windowMs = io.settings.mode('PAPER')?.aggregationWindowMs ?? 0;
      const [{ grouped, held }, accounts] = await Promise.all([
        io.readFacts(batch.map(({ message }) => message)),
        windowMs === 0 ? io.readAccounts() : null,
      ]);
      const now = io.clock.now();

      // Decide: first where each part belongs, then the groups that wait for nobody.
      const arrivals = batch.map(({ message, trace, receivedAt }) => ({
        trade: message,
        trace: withHop(trace, 'received', receivedAt),
      }));
      const plan = planArrivals(arrivals, { open: io.groups.byLane(), held, grouped }, now, windowMs);
      const { groups, decided }: Outcome =
        accounts === null ? { groups: plan.groups, decided: [] } : io.decideGroups(plan.groups, accounts);

      // Commit; what it announces goes out after that.
      const { parts, holdings } = plan;
      if (parts.length > 0) await io.desk.settle({ parts, holdings, groups, decided, at: now });

      // Record.
      io.figures.arrived(parts.length, batch.length - parts.length);
      io.figures.decided(decided);
    });
  };
