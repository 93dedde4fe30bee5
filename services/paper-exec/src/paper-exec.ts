import type { Bucket, Reader, Relay } from '@slipstream/bus';
import type { Database } from '@slipstream/db';
import { createMarketView } from '@slipstream/exchange';
import type { Interest } from '@slipstream/proto';
import type { CheckResult, Service } from '@slipstream/runtime';
import type { PendingOrder } from './core/order.ts';
import { createDeadlines, type Deadlines } from './deadlines.ts';
import { executeOrders } from './execute-orders.ts';
import { createExecutor, type Executor } from './executor.ts';
import { observations } from './observations.ts';
import { onCopyIntent } from './on-copy-intent.ts';
import { createDueOrders } from './on-order-due.ts';
import { recall } from './recall.ts';
import { createSettings, type Settings } from './settings.ts';
import { readBooked } from './store/funds.ts';
import { acceptOrders, EXECUTING, finishOrders, readPending, readStillPending } from './store/orders.ts';

/** Orders read at once when a restart arms what still waits. */
const REARM_PAGE = 1_000;
/** When an order whose execution failed by itself is tried again. */
const PUT_OFF_MS = 30_000;
/** Until the configuration is known no intent is taken, so these bounds are never used to execute anything. */
const NO_RULES = { bookFreshnessMs: 0, bookWaitMs: 0 } as const;

export type PaperExecParts = {
  readonly service: Service;
  readonly db: Database;
  readonly relay: Pick<Relay, 'push'>;
  readonly interest: Pick<Bucket<Interest>, 'put'>;
};

type Figures = ReturnType<typeof observations>;

/** Executions, one after the other; an order that cannot be stored comes back through `again`. */
function wireExecutor(
  { service, db, relay }: PaperExecParts,
  settings: Settings,
  figures: Figures,
  again: (order: PendingOrder) => Promise<void>,
): Executor {
  const { clock, activity, log, signal } = service;
  const now = (): Date => clock.now();
  return createExecutor({
    activity,
    log,
    signal,
    recall: () => recall(db, now()),
    execute: (due, memory) =>
      executeOrders(
        {
          now,
          ignoresVenueRules: () => settings.current()?.rules.paper.paperIgnoresVenueRules ?? false,
          tx: (work) => db.tx(work, EXECUTING),
          readStillPending,
          readBooked,
          finish: finishOrders,
          publish: relay.push,
        },
        due,
        memory,
      ),
    observe: figures.executed,
    putOff: ({ order }, error) => {
      log.error({ orderId: order.orderId, error }, 'order.put-off');
      clock.at(new Date(now().getTime() + PUT_OFF_MS), `retry:${order.orderId}`, () => again(order));
    },
  });
}

/** Orders that meet the market: the view of it, and those whose turn has come. */
function wireMarket({ service, interest }: PaperExecParts, settings: Settings, execute: Executor['execute']) {
  const { clock, activity, log, name } = service;
  const market = createMarketView((tokenId) => {
    if (dueOrders.waiting() > 0)
      activity
        .run(() => dueOrders.onNews(tokenId), 'news')
        .catch((error: unknown) => log.error({ error }, 'news.failed'));
  });
  const dueOrders = createDueOrders({
    clock,
    log,
    rules: () => settings.current()?.rules.guardrails ?? NO_RULES,
    judge: market.judge,
    meta: market.meta,
    refresh: async (tokenId, now) => {
      const at = now.toISOString();
      await interest.put(tokenId, { tokenId, wantedBy: name, since: at, refreshAt: at });
    },
    execute,
  });
  return { market, dueOrders };
}

/** Arms every order that waits; those whose time has passed meanwhile have their turn at once. */
async function rearm(db: Database, deadlines: Deadlines, signal: AbortSignal): Promise<void> {
  let last: Pick<PendingOrder, 'dueAt' | 'orderId'> | undefined = { dueAt: new Date(0), orderId: '' };
  while (last !== undefined && !signal.aborted) {
    const page: PendingOrder[] = await readPending(db, last.dueAt, last.orderId, REARM_PAGE);
    deadlines.arm(page);
    last = page.at(-1);
  }
}

/** The service apart from its connections: who hands what to whom. */
export function openPaperExec(parts: PaperExecParts) {
  const { service, db, relay } = parts;
  const { clock, activity, log, signal } = service;
  const settings = createSettings();
  const figures = observations(service.metrics);
  const executor = wireExecutor(parts, settings, figures, (order) => dueOrders.onDue([order]));
  const { market, dueOrders } = wireMarket(parts, settings, executor.execute);
  const deadlines = createDeadlines(clock, dueOrders.onDue);

  const onIntents = onCopyIntent({
    now: () => clock.now(),
    latency: () => settings.current()?.rules.paper ?? null,
    accept: (orders, announce) => acceptOrders(db, orders, announce),
    publish: relay.push,
    arm: (orders) => {
      figures.accepted(orders.length);
      deadlines.arm(orders);
    },
  });

  /** Takes up work as soon as the configuration is known: first what still waits, then new intents. */
  const begin = (consume: () => Promise<Reader>): void => {
    const start = async (): Promise<void> => {
      await rearm(db, deadlines, signal);
      service.onStop('intents', (await consume()).stop);
    };
    settings.whenKnown(() => {
      activity.run(start, 'begin').catch((error: unknown) => {
        log.fatal({ error }, 'paper-exec.begin-failed');
        throw error;
      });
    });
  };

  /** What the status page shows of the service. */
  const waiting = () => ({
    armed: deadlines.count(),
    waitingForBook: dueOrders.waiting(),
    queued: executor.queued(),
  });
  const healthy = (): CheckResult => {
    const failure = executor.failure();
    const configuration = settings.current() === null ? 'awaited' : 'known';
    return { ok: failure === null, detail: { configuration, ...waiting(), failure } };
  };

  return { settings, market, onIntents, begin, healthy, figures: waiting };
}
