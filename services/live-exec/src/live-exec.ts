import type { Relay } from '@slipstream/bus';
import type { Database } from '@slipstream/db';
import type { ExchangePort } from '@slipstream/exchange';
import type { LiveTradingState } from '@slipstream/proto';
import { pause, type Service } from '@slipstream/runtime';
import { claimOrders } from './claim.ts';
import type { HardLimits } from './core/limits.ts';
import type { Geoblock } from './geoblock.ts';
import { cancelAll, cancelLeader, type KillPorts } from './kill-switch.ts';
import { createKnown, type Known } from './known.ts';
import { observations } from './observations.ts';
import { onCopyIntent } from './on-copy-intent.ts';
import { onOrderUpdate } from './on-order-update.ts';
import { type ResolvePorts, resolveOrders } from './resolve-unknown.ts';
import { closeMissedShadows, watchShadows } from './shadows.ts';
import { readSwitches } from './store/facts.ts';
import { hearOf, openOrdersOf } from './store/orders.ts';
import { pauseWallet } from './store/pause.ts';
import { submitOrder } from './submit.ts';
import { createGate, type Gate, type Venue } from './venue.ts';

/** How often questions whose turn may have come are looked for. */
const RESOLVE_EVERY_MS = 500;
/** The exchange cancels what rests when it hears nothing for ten seconds. Source: polymarket §2.3. */
const VENUE_HEARTBEAT_MS = 5_000;

export type LiveExecParts = {
  readonly service: Service;
  readonly db: Database;
  readonly relay: Pick<Relay, 'push'>;
  readonly venue: () => Venue;
  readonly geoblock: Pick<Geoblock, 'isBlocked'>;
  readonly scope: string;
  readonly limits: HardLimits;
};

type Figures = ReturnType<typeof observations>;

/** What is heard of the world; switches that stop live trading, or one leader's, take away what rests. */
function wireKnown({ service, db, venue, scope }: LiveExecParts): { known: Known; kill: KillPorts } {
  const { activity, log, signal } = service;
  const kill: KillPorts = {
    port: () => (venue().canSign ? venue().port : null),
    cancelOnOff: () => known.modeRules()?.live.cancelOnOff ?? true,
    openOrdersOf: (leaderId) => openOrdersOf(db, scope, leaderId),
    wait: (ms) => pause(ms, signal),
    log,
  };
  const inBackground = (what: string, work: () => Promise<void>): void => {
    activity.run(work, what).catch((error: unknown) => log.error({ error, what }, 'background.failed'));
  };
  const onState = (state: LiveTradingState, before: LiveTradingState): void => {
    log.info({ state, before }, 'live.state');
    if (state !== 'ON') inBackground('cancel-all', () => cancelAll(kill));
  };
  const known = createKnown(scope, onState, (leader) =>
    inBackground('cancel-leader', () => cancelLeader(kill, leader)),
  );
  return { known, kill };
}

/** What sends orders and asks about them. */
function wireResolver(parts: LiveExecParts, known: Known, gate: Gate, figures: Figures): ResolvePorts {
  const { service, db, relay, venue, scope } = parts;
  const { clock, log } = service;
  const now = (): Date => clock.now();
  return {
    now,
    query: db,
    scope,
    publish: relay.push,
    maySend: () => known.state() === 'ON',
    maySendFor: async (leaderId) => {
      const switches = await readSwitches(db, scope, [leaderId]);
      const override = switches.overrides.get(leaderId) ?? 'FORCE_OFF';
      return switches.liveTradingState === 'ON' && switches.pause === null && override !== 'FORCE_OFF';
    },
    port: () => venue().port,
    fees: (tokenId) => known.market.meta(tokenId) ?? null,
    gate,
    pause: async (reason, orderId) => {
      log.error({ reason, orderId }, 'live.paused');
      await pauseWallet(db, { scope, at: now(), reason, orderId });
    },
    sent: figures.sent,
    log,
  };
}

/** Tells the exchange that we live while live trading is on, so that our death cancels what rests. */
function heartbeats(venue: () => Venue, known: Known): () => Promise<void> {
  let last: string | null = null;
  const portToKeep = (): ExchangePort | null =>
    known.state() === 'ON' && venue().canSign ? venue().port : null;
  return async () => {
    const port = portToKeep();
    last = port === null ? null : await port.heartbeat(last);
  };
}

/** The service apart from its connections: who hands what to whom. */
export function openLiveExec(parts: LiveExecParts) {
  const { service, db, relay, venue, scope, limits, geoblock } = parts;
  const { clock, signal } = service;
  const now = (): Date => clock.now();
  const gate = createGate();
  const figures = observations(service.metrics);
  const { known, kill } = wireKnown(parts);
  const resolver = wireResolver(parts, known, gate, figures);
  const claimPorts = { scope, now, tx: db.tx, venue, geoblocked: geoblock.isBlocked, known, gate, limits };
  return {
    known,
    onIntents: onCopyIntent({
      concurrency: () => known.modeRules()?.live.concurrency ?? 1,
      claim: async (deliveries) => {
        const claimed = await claimOrders(claimPorts, deliveries);
        figures.claimed(claimed.orders);
        return claimed;
      },
      publish: relay.push,
      submit: (order) => submitOrder(resolver, order, false),
      shadowed: watchShadows({ clock, known, query: db }),
      wait: (ms) => pause(ms, signal),
    }),
    onUpdates: onOrderUpdate({ scope, now, hearOf: (heard, askAt) => hearOf(db, scope, heard, askAt) }),
    /** Takes up what an earlier process left, and goes on looking for questions whose turn has come. */
    begin: async (): Promise<void> => {
      await closeMissedShadows(db, scope, now());
      clock.every('resolve', RESOLVE_EVERY_MS, async () => figures.asked(await resolveOrders(resolver)));
      clock.every('venue-heartbeat', VENUE_HEARTBEAT_MS, heartbeats(venue, known));
      if (known.state() !== 'ON') await cancelAll(kill);
    },
    healthy: () => {
      const { port, detail } = venue();
      return { ok: known.state() === 'OFF' || port !== null, detail };
    },
    figures: () => ({
      'live.state': known.state(),
      'live.placed': figures.totals.placed,
      'live.shadowed': figures.totals.shadowed,
      'live.skipped': figures.totals.skipped,
      'live.unknown': figures.totals.unknown,
      'live.venue': venue().detail,
    }),
  };
}
