import type { Relay } from '@slipstream/bus';
import type { Database } from '@slipstream/db';
import type { ExchangePort } from '@slipstream/exchange';
import type { LiveTradingState, ReasonCode } from '@slipstream/proto';
import { createLanes, pause, type Service } from '@slipstream/runtime';
import { claimOrders } from './claim.ts';
import type { HardLimits } from './core/limits.ts';
import type { Geoblock } from './geoblock.ts';
import { cancelAll, cancelLeader, cancelLeftOver, type KillPorts } from './kill-switch.ts';
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
/** Orders that are sent again at once: after an outage there may be many, and each may wait for its answer. */
const RESENDS_MAX = 4;
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
function wireKnown({ service, db, venue, scope }: LiveExecParts): {
  known: Known;
  beginCanceling: () => void;
} {
  const { activity, clock, log, signal } = service;
  const kill: KillPorts = {
    port: () => (venue().canSign ? venue().port : null),
    isOn: () => known.state() === 'ON',
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
    // Only what was on has something to take away: in SHADOW the exchange hears nothing of us.
    if (before === 'ON') inBackground('cancel-all', () => cancelAll(kill));
  };
  const known = createKnown(
    scope,
    () => clock.now(),
    onState,
    (leader) => inBackground('cancel-leader', () => cancelLeader(kill, leader)),
  );
  const beginCanceling = (): void => {
    if (known.state() !== 'ON') inBackground('cancel-left-over', () => cancelLeftOver(kill));
  };
  return { known, beginCanceling };
}

/** Why nothing may be sent for a leader, by what the database says right now; null when it may. */
async function whyNotIn(db: Database, scope: string, leaderId: string): Promise<ReasonCode | null> {
  const switches = await readSwitches(db, scope, [leaderId]);
  if (switches.liveTradingState !== 'ON') return 'LIVE_MODE_OFF';
  if (switches.pause !== null) return 'LIVE_SUBMISSIONS_PAUSED';
  return (switches.overrides.get(leaderId) ?? 'FORCE_OFF') === 'FORCE_OFF' ? 'LIVE_USER_DISABLED' : null;
}

/** What sends orders and asks about them. */
function wireResolver(parts: LiveExecParts, known: Known, gate: Gate, figures: Figures): ResolvePorts {
  const { service, db, relay, venue, scope, geoblock } = parts;
  const { clock, log } = service;
  const now = (): Date => clock.now();
  const whyNot = (): ReasonCode | null => {
    if (known.state() !== 'ON') return 'LIVE_MODE_OFF';
    return geoblock.isBlocked(now()) ? 'GEOBLOCKED' : null;
  };
  return {
    now,
    query: db,
    scope,
    publish: relay.push,
    whyNot,
    whyNotFor: async (leaderId) => whyNot() ?? whyNotIn(db, scope, leaderId),
    inTurn: createLanes(RESENDS_MAX),
    quiet: createGate(),
    port: () => venue().port,
    fees: (tokenId) => known.market.meta(tokenId) ?? null,
    givenBy: ({ side, tokenId }) => {
      if (side === 'BUY') return { kind: 'collateral' };
      const [market, port] = [known.market.meta(tokenId), venue().port];
      if (market === undefined || port === null) return null;
      return { kind: 'token', tokenId, version: market.venueVersion === 'v2' ? 3 : port.venueVersion };
    },
    gate,
    pause: async (reason, orderId) => {
      log.error({ reason, orderId }, 'live.paused');
      await pauseWallet(db, { scope, at: now(), reason, orderId });
    },
    sent: figures.sent,
    log,
  };
}

/**
 * Tells the exchange that we live while live trading is on, so that our death cancels what rests; and after that as well
 * where what rests is to stay, since silence would cancel it.
 */
function heartbeats(venue: () => Venue, known: Known) {
  let last: string | null = null;
  let problem: string | null = null;
  const portToKeep = (): ExchangePort | null => {
    const keepsResting = last !== null && known.modeRules()?.live.cancelOnOff === false;
    return (known.state() === 'ON' || keepsResting) && venue().canSign ? venue().port : null;
  };
  const beat = async (): Promise<void> => {
    const port = portToKeep();
    try {
      last = port === null ? null : await port.heartbeat(last);
      problem = null;
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
      throw error;
    }
  };
  return { beat, problem: (): string => problem ?? '' };
}

/** The service apart from its connections: who hands what to whom. */
export function openLiveExec(parts: LiveExecParts) {
  const { service, db, relay, venue, scope, limits, geoblock } = parts;
  const { clock, signal } = service;
  const now = (): Date => clock.now();
  const gate = createGate();
  const figures = observations(service.metrics);
  const { known, beginCanceling } = wireKnown(parts);
  const resolver = wireResolver(parts, known, gate, figures);
  const heart = heartbeats(venue, known);
  const geoblocked = (): boolean => geoblock.isBlocked(now());
  const claimPorts = { scope, now, tx: db.tx, venue, geoblocked, known, gate, limits };
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
      submit: (order) => submitOrder(resolver, order),
      shadowed: watchShadows({ clock, known, query: db }),
      wait: (ms) => pause(ms, signal),
    }),
    onUpdates: onOrderUpdate({ scope, now, hearOf: (heard, askAt) => hearOf(db, scope, heard, askAt) }),
    /** Takes up what an earlier process left, and goes on looking for questions whose turn has come. */
    begin: async (): Promise<void> => {
      await closeMissedShadows(db, scope, now());
      clock.every('resolve', RESOLVE_EVERY_MS, async () => figures.asked(await resolveOrders(resolver)));
      clock.every('venue-heartbeat', VENUE_HEARTBEAT_MS, heart.beat);
      beginCanceling();
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
      'live.heldUntil': gate.openAt() > now() ? gate.openAt().toISOString() : '',
      'live.heartbeatProblem': heart.problem(),
    }),
  };
}
