import { type Admin, type Bus, connectAdmin, connectBus, ensureTopology, newTrace } from '@slipstream/bus';
import { type Database, migrate, openDatabase } from '@slipstream/db';
import { price, shares } from '@slipstream/money';
import {
  configBucket,
  configKeyOf,
  copyLeaderTrade,
  copyMarketBook,
  copyMarketMeta,
  INITIAL_RULES,
  type Leader,
  type LeaderTrade,
  leadersBucket,
  type Switches,
  switchesBucket,
  type TradingMode,
} from '@slipstream/proto';
import { idleActivity, type ServiceOptions, silentLogger, startService } from '@slipstream/runtime';
import { startTestNats, startTestPostgres, type TestServer } from '@slipstream/testkit';
import type { Scopes } from '../src/core/route.ts';
import { openDecider } from '../src/decider.ts';
import { aModeConfig, aTrade, CONDITION, LEADER, NOW } from './builders.ts';

const wallNow = (): string => new Date().toISOString();

/** What gateway and ingest say, spoken by a test. `at` is the instant that it names. */
export function speaker(others: Bus, at: () => string = wallNow) {
  const trade = (n: number, over: Partial<LeaderTrade> = {}): LeaderTrade =>
    aTrade(n, { occurredAt: at(), detectedAt: at(), ...over });
  return {
    trade,
    publish: (...trades: readonly LeaderTrade[]) =>
      Promise.all(
        trades.map((message) => others.publish(copyLeaderTrade, message, newTrace(message.tradeId))),
      ),
    /** Fresh books are believed for a minute here, so that a slow machine changes no decision. */
    configure: async (
      over: { readonly guardrails?: object; readonly [section: string]: unknown },
      mode: TradingMode = 'PAPER',
    ) => {
      const guardrails = {
        ...INITIAL_RULES.guardrails,
        bookFreshnessMs: 60_000,
        bookWaitMs: 5_000,
        ...over.guardrails,
      };
      const document = aModeConfig(mode, { ...over, guardrails });
      await (await others.bucket(configBucket)).put(configKeyOf(mode, null), document);
    },
    switch: async (over: Partial<Switches>) => {
      const changed = { version: 1, changedAt: NOW.toISOString(), changedBy: 'test' };
      const off = {
        copyEngineEnabled: true,
        entriesPaused: false,
        livePauseClearedAt: null,
        liveTradingState: 'OFF' as const,
      };
      await (await others.bucket(switchesBucket)).put('global', { ...off, ...changed, ...over });
    },
    lead: async (over: Partial<Leader> = {}) => {
      const leaderId = over.leaderId ?? LEADER;
      await (await others.bucket(leadersBucket)).put(leaderId, {
        leaderId,
        label: 'L',
        wallets: [trade(1).wallet],
        enabled: true,
        liveOverride: 'INHERIT',
        entriesPaused: false,
        stopClearedAt: { PAPER: null, LIVE: null },
        walletsAddedAt: {},
        followedAt: NOW.toISOString(),
        version: 1,
        ...over,
      });
    },
    market: (tokenId: string, conditionId = CONDITION) =>
      Promise.all([
        others.publish(copyMarketBook, aBook(tokenId, conditionId, at()), newTrace(tokenId)),
        others.publish(copyMarketMeta, aMeta(tokenId, conditionId, at()), newTrace(tokenId)),
      ]),
  };
}

const aBook = (tokenId: string, conditionId: string, at: string) => ({
  tokenId,
  conditionId,
  state: 'live' as const,
  bids: [[price(490_000n), shares(10n ** 12n)] as [ReturnType<typeof price>, ReturnType<typeof shares>]],
  asks: [[price(500_000n), shares(10n ** 12n)] as [ReturnType<typeof price>, ReturnType<typeof shares>]],
  source: 'rest' as const,
  sessionId: null,
  changedAt: at,
  knownAt: at,
});
const aMeta = (tokenId: string, conditionId: string, at: string) => ({
  tokenId,
  conditionId,
  oppositeTokenId: null,
  outcome: 'Yes',
  outcomeIndex: 0,
  question: '?',
  slug: 'q',
  tickMicros: price(10_000n),
  minOrderSizeMicros: shares(5_000_000n),
  negRisk: false,
  feeRateMicros: 0n,
  feeExponent: 1,
  endsAt: null,
  acceptingOrders: true,
  closed: false,
  venueVersion: 'v1' as const,
  fetchedAt: at,
  version: 'v_1',
});

/** A bus with every stream, and everybody who is not the decider. `wallets`: those beside the default one. */
export async function startBus(wallets: readonly string[] = []): Promise<{
  server: TestServer;
  admin: Admin;
  others: Bus;
  stop(): Promise<void>;
}> {
  const server = await startTestNats();
  const admin = await connectAdmin({ url: server.url });
  await ensureTopology(admin, { replicas: 1, wallets });
  const others = await connectBus({
    url: server.url,
    name: 'ingest',
    log: silentLogger(),
    activity: idleActivity,
  });
  const stop = async (): Promise<void> => {
    await others.close();
    await admin.close();
    await server.stop();
  };
  return { server, admin, others, stop };
}

/** A database with every table. */
export async function startTables(): Promise<{ server: TestServer; db: Database; stop(): Promise<void> }> {
  const server = await startTestPostgres();
  await migrate(server.url);
  const db = await openDatabase({ url: server.url, name: 'test', poolMax: 2 });
  const stop = async (): Promise<void> => {
    await db.close();
    await server.stop();
  };
  return { server, db, stop };
}

export type HostOptions = {
  readonly natsUrl: string;
  readonly databaseUrl: string;
  readonly scopes: Scopes;
  readonly service?: Pick<ServiceOptions, 'clock'>;
  /** Sees the decider's own connection first. */
  readonly around?: (db: Database) => Database;
};

/** A decider inside this process, as `main.ts` starts it. */
export const hostDecider = ({ natsUrl, databaseUrl, scopes, service: options, around }: HostOptions) =>
  startService(
    'decider',
    async (service) => {
      const own = await openDatabase({ url: databaseUrl, name: 'decider', poolMax: 4 });
      service.onStop('database', own.close);
      const { log, activity, name } = service;
      const bus = await connectBus({ url: natsUrl, name, log, activity });
      service.onStop('bus', bus.close);
      const db = around?.(own) ?? own;
      void (await openDecider({ service, db, databaseUrl, bus, scopes })).begin();
      service.ready();
    },
    { env: { LOG_LEVEL: 'silent' }, ...options },
  );
