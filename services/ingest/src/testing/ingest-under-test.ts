import { type Bus, connectBus } from '@slipstream/bus';
import { type Database, openDatabase } from '@slipstream/db';
import { openPublicClient } from '@slipstream/exchange/public-client';
import {
  copyLeaderTrade,
  copyLeaderTradeRemoved,
  type LeaderTrade,
  type LeaderTradeRemoved,
  leadersBucket,
} from '@slipstream/proto';
import { idleActivity, silentLogger } from '@slipstream/runtime';
import { Config } from '../config.ts';
import { type Ingest, openIngest } from '../ingest.ts';
import { aService, type TestService } from './service.ts';

/** Ingest in this process, with what it published, and what a test needs to make something happen. */
export type IngestUnderTest = {
  readonly trades: readonly LeaderTrade[];
  readonly removals: readonly LeaderTradeRemoved[];
  readonly ingest: () => Ingest;
  /** The text of its metrics. */
  readonly metrics: () => Promise<string>;
  readonly start: (more?: Readonly<Record<string, string>>) => Promise<void>;
  readonly stopIngest: () => Promise<void>;
  /** Follows all of them as one leader. */
  readonly follow: (wallets: readonly string[]) => Promise<void>;
  readonly faults: (faults: object) => Promise<void>;
  readonly rows: <R>(text: string, params?: readonly unknown[]) => Promise<R[]>;
  readonly stop: () => Promise<void>;
};

/** Where the exchange of the test listens. */
type Endpoints = Readonly<Record<'clob' | 'ws' | 'gamma' | 'data' | 'rtds' | 'admin', string>> & {
  readonly rpcWs: readonly string[];
};

export type Servers = {
  readonly natsUrl: string;
  /** As the role of ingest. */
  readonly databaseUrl: string;
  readonly endpoints: Endpoints;
};

/** Everything is connected; ingest itself starts with `start`. */
export async function openIngestUnderTest({
  natsUrl,
  databaseUrl,
  endpoints,
}: Servers): Promise<IngestUnderTest> {
  const trades: LeaderTrade[] = [];
  const removals: LeaderTradeRemoved[] = [];
  const bus: Bus = await connectBus({
    url: natsUrl,
    name: 'ingest',
    log: silentLogger(),
    activity: idleActivity,
  });
  const db: Database = await openDatabase({ url: databaseUrl, name: 'ingest-test', poolMax: 5 });
  await bus.tail(copyLeaderTrade, (message) => void trades.push(message), { from: 'new' });
  await bus.tail(copyLeaderTradeRemoved, (message) => void removals.push(message), { from: 'new' });
  let running: { readonly host: TestService; readonly ingest: Ingest } | null = null;
  const stopIngest = async (): Promise<void> => {
    await running?.host.stop();
    running = null;
  };
  return {
    trades,
    removals,
    ingest: () => {
      if (running === null) throw new Error('ingest is not started');
      return running.ingest;
    },
    metrics: async () => (await running?.host.service.metrics.text())?.body ?? '',
    start: async (more = {}) => {
      const host = aService('ingest');
      const config = Config.parse({
        NATS_URL: natsUrl,
        DATABASE_URL: databaseUrl,
        CLOB_URL: endpoints.clob,
        DATA_URL: endpoints.data,
        GAMMA_URL: endpoints.gamma,
        MARKET_WS_URL: `${endpoints.ws}/market`,
        RTDS_URL: endpoints.rtds,
        RPC_WS_URLS: endpoints.rpcWs.join(','),
        RPC_SILENCE_MS: '5000',
        ...more,
      });
      const client = openPublicClient({
        clobUrl: config.CLOB_URL,
        dataUrl: config.DATA_URL,
        gammaUrl: config.GAMMA_URL,
      });
      host.service.onStop('client', client.close);
      running = { host, ingest: await openIngest({ service: host.service, config, db, bus, client }) };
    },
    stopIngest,
    follow: async (wallets) => {
      const leaderId = `leader-${wallets[0]}`;
      await (await bus.bucket(leadersBucket)).put(leaderId, {
        leaderId,
        label: 'Anna',
        wallets: [...wallets],
        enabled: true,
        liveOverride: 'INHERIT',
        entriesPaused: false,
        stopClearedAt: { PAPER: null, LIVE: null },
        walletsAddedAt: {},
        followedAt: new Date().toISOString(),
        version: 1,
      });
    },
    faults: async (faults) => {
      const reply = await fetch(`${endpoints.admin}/faults`, {
        method: 'POST',
        body: JSON.stringify(faults),
      });
      if (!reply.ok) throw new Error(await reply.text());
    },
    rows: (text, params) => db.query(text, params ?? []),
    stop: async () => {
      await stopIngest();
      await bus.close();
      await db.close();
    },
  };
}
