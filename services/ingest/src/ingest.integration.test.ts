import { type Admin, type Bus, connectAdmin, connectBus, ensureTopology, listDead } from '@slipstream/bus';
import { type Database, ensureRoles, migrate, openDatabase } from '@slipstream/db';
import { openPublicClient } from '@slipstream/exchange/public-client';
import {
  copyLeaderTrade,
  copyMarketBook,
  copyMarketMeta,
  copyMarketResolved,
  interestBucket,
  type LeaderTrade,
  leadersBucket,
  type MarketBook,
  type MarketMeta,
  type MarketResolved,
} from '@slipstream/proto';
import { idleActivity, silentLogger } from '@slipstream/runtime';
import { type RunningSim, startSimExchange } from '@slipstream/sim-exchange';
import { eventually, startTestNats, startTestPostgres, type TestServer } from '@slipstream/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Config } from './config.ts';
import { openIngest } from './ingest.ts';
import { aService, type TestService } from './testing/service.ts';

const PASSWORD = 'ingest-test';
const passwords = {
  ingest: PASSWORD,
  decider: PASSWORD,
  paper: PASSWORD,
  live: PASSWORD,
  portfolio: PASSWORD,
  config: PASSWORD,
};

let postgres: TestServer;
let nats: TestServer;
let db: Database;
let bus: Bus;
let admin: Admin;
let sim: RunningSim;
let host: TestService;
const trades: LeaderTrade[] = [];
const books = new Map<string, MarketBook>();
const metas = new Map<string, MarketMeta>();
const resolutions: MarketResolved[] = [];
let hashes = 0;

const wallet = (n: number): string => sim.wallets[n] ?? '';
const market = (n: number) => {
  const found = [...sim.venue.markets.values()].filter((m) => sim.venue.book(m.tokenIds[0]) !== null)[n];
  if (found === undefined) throw new Error('the simulator has no such market');
  return found;
};
const nextHash = (): string => `0x${(++hashes).toString(16).padStart(64, '0')}`;

/** A trade as the exchange has it; rows of one hash, token and side are one trade. */
const trade = (who: string, hash: string, more: object = {}): void => {
  const { conditionId, tokenIds } = market(0);
  sim.venue.trade({
    wallet: who,
    conditionId,
    tokenId: tokenIds[0],
    side: 'BUY',
    price: '0.46',
    size: '100',
    transactionHash: hash,
    atMs: Date.now(),
    ...more,
  });
};

const faults = async (faults: object): Promise<void> => {
  const reply = await fetch(`${sim.endpoints.admin}/faults`, {
    method: 'POST',
    body: JSON.stringify(faults),
  });
  expect(reply.status).toBe(200);
};

const follow = async (who: string): Promise<void> => {
  await (await bus.bucket(leadersBucket)).put(`leader-${who}`, {
    leaderId: `leader-${who}`,
    label: 'Anna',
    wallets: [who],
    enabled: true,
    liveOverride: 'INHERIT',
    entriesPaused: false,
    stopClearedAt: { PAPER: null, LIVE: null },
    walletsAddedAt: {},
    followedAt: new Date().toISOString(),
    version: 1,
  });
  await eventually('the wallet’s baseline', async () => {
    const rows = await db.query('select 1 from ingest.cursor where wallet = $1 and baseline_done', [who]);
    return rows.length > 0;
  });
};

/** What was published of a transaction, once it adds up to so many shares. */
const whole = (hash: string, size: bigint): Promise<LeaderTrade[]> =>
  eventually(`${size} of ${hash}`, () => {
    const parts = trades.filter((t) => t.transactionHash === hash);
    return parts.reduce((sum, part) => sum + part.sizeMicros, 0n) === size ? parts : null;
  });

beforeAll(async () => {
  [postgres, nats] = await Promise.all([startTestPostgres(), startTestNats()]);
  await migrate(postgres.url);
  await ensureRoles(postgres.url, passwords);
  admin = await connectAdmin({ url: nats.url });
  await ensureTopology(admin, { replicas: 1 });
  host = aService('ingest');
  const { clock } = host.service;
  sim = await startSimExchange({
    clock,
    busy: idleActivity,
    tape: null,
    seed: 1,
    wallets: 4,
    rate: 60,
    port: 0,
    speed: 1,
    silenceMaxMs: 2_000,
    loop: false,
    pass: 0,
    hold: true,
    singleObjects: false,
  });
  const url = new URL(postgres.url);
  url.username = 'slip_ingest';
  url.password = PASSWORD;
  db = await openDatabase({ url: url.href, name: 'ingest-test', poolMax: 5 });
  bus = await connectBus({ url: nats.url, name: 'ingest', log: silentLogger(), activity: idleActivity });
  await bus.tail(copyLeaderTrade, (message) => void trades.push(message));
  await bus.tail(copyMarketBook, (message) => void books.set(message.tokenId, message));
  await bus.tail(copyMarketMeta, (message) => void metas.set(message.tokenId, message));
  await bus.tail(copyMarketResolved, (message) => void resolutions.push(message));
  const config = Config.parse({
    NATS_URL: nats.url,
    DATABASE_URL: url.href,
    CLOB_URL: sim.endpoints.clob,
    DATA_URL: sim.endpoints.data,
    GAMMA_URL: sim.endpoints.gamma,
    MARKET_WS_URL: `${sim.endpoints.ws}/market`,
    RTDS_URL: sim.endpoints.rtds,
  });
  const client = openPublicClient({
    clobUrl: config.CLOB_URL,
    dataUrl: config.DATA_URL,
    gammaUrl: config.GAMMA_URL,
  });
  host.service.onStop('client', client.close);
  trade(wallet(0), nextHash(), { atMs: Date.now() - 60_000 });
  await openIngest({ service: host.service, config, db, bus, client });
  await follow(wallet(0));
});

afterAll(async () => {
  await host?.stop();
  await bus?.close();
  await admin?.close();
  await db?.close();
  await sim?.stop();
  await nats?.stop();
  await postgres?.stop();
});

test('history is stored as baseline and never published', async () => {
  const rows = await db.query<{ baseline: boolean }>(
    'select baseline from ingest.leader_trade where wallet = $1',
    [wallet(0)],
  );
  expect(rows).toEqual([{ baseline: true }]);
  expect(trades).toEqual([]);
});

test('a trade comes at once, with its book and its metadata', async () => {
  const hash = nextHash();
  trade(wallet(0), hash);
  const [part] = await whole(hash, 100_000_000n);
  expect(part).toMatchObject({
    leaderId: `leader-${wallet(0)}`,
    priceMicros: 460_000n,
    notionalMicros: 46_000_000n,
    part: 1,
  });
  const tokenId = market(0).tokenIds[0];
  const book = await eventually('the book', () => books.get(tokenId));
  expect(book.bids.length).toBeGreaterThan(0);
  const meta = await eventually('the metadata', () => metas.get(tokenId));
  expect(meta).toMatchObject({ conditionId: market(0).conditionId, oppositeTokenId: market(0).tokenIds[1] });
});

test('a repeating feed doubles nothing', async () => {
  await faults({ rtdsRepeat: 5 });
  const hash = nextHash();
  trade(wallet(0), hash);
  trade(wallet(0), hash, { price: '0.47', size: '50' });
  await whole(hash, 150_000_000n);
  await faults({ rtdsRepeat: 1 });
  await eventually('the Data API’s word', async () => {
    const rows = await db.query(
      `select 1 from ingest.sighting where source = 'data-api' and base_id in
         (select base_id from ingest.leader_trade where transaction_hash = $1)`,
      [hash],
    );
    return rows.length > 0;
  });
  expect((await whole(hash, 150_000_000n)).map((part) => part.part)).toEqual([1, 2]);
});

test('equal fills of one transaction are completed by the Data API', async () => {
  const hash = nextHash();
  for (let i = 0; i < 5; i++) trade(wallet(0), hash);
  const parts = await whole(hash, 500_000_000n);
  expect(parts.reduce((sum, part) => sum + part.notionalMicros, 0n)).toBe(230_000_000n);
});

test('what the feed never shows is read from the Data API', async () => {
  await faults({ rtdsMissEvery: 1 });
  const hash = nextHash();
  trade(wallet(0), hash);
  const [part] = await whole(hash, 100_000_000n);
  expect(part?.source).toBe('data-api');
  await faults({ rtdsMissEvery: 0 });
});

test('v1 of the Data API answers where v2 is gone', async () => {
  await faults({ rtdsMissEvery: 1, dataV2Gone: true });
  const hash = nextHash();
  trade(wallet(0), hash);
  await whole(hash, 100_000_000n);
  await faults({ rtdsMissEvery: 0, dataV2Gone: false });
});

test('feeds go on after rubbish and after being cut', async () => {
  await faults({ malformedFrame: true });
  await faults({ dropSockets: true });
  const hash = nextHash();
  trade(wallet(0), hash);
  await whole(hash, 100_000_000n);
  const letters = await eventually('letters about the rubbish', async () => {
    const found = await listDead(admin);
    return found.length >= 3 ? found : null;
  });
  expect(new Set(letters.map(({ letter }) => letter.reason))).toEqual(new Set(['feed']));
});

test('a market feed that freezes is noticed, and its books come anew', async () => {
  const tokenId = market(0).tokenIds[0];
  await faults({ marketFrozen: true });
  await faults({ dropSockets: true });
  const before = books.get(tokenId)?.sessionId;
  await faults({ marketFrozen: false });
  await faults({ dropSockets: true });
  await eventually('a book of another session', () => {
    const book = books.get(tokenId);
    return book?.source === 'socket' && book.sessionId !== before;
  });
});

test('a token that somebody asks about gets a book that is known to be true, or the word that there is none', async () => {
  const interest = await bus.bucket(interestBucket);
  const ask = (tokenId: string) => {
    const at = new Date().toISOString();
    return interest.put(tokenId, { tokenId, wantedBy: 'test', since: at, refreshAt: at });
  };
  const tokenId = market(1).tokenIds[1];
  await ask(tokenId);
  await eventually('the book', () => books.get(tokenId)?.state === 'live');
  await eventually('the metadata', () => metas.get(tokenId));
  await ask('424242');
  await eventually('the absence', () => books.get('424242')?.state === 'absent');
});

test('a resolution is told once, with its payouts', async () => {
  const { conditionId, tokenIds } = market(1);
  sim.venue.resolve(conditionId, [1n, 0n], 1n, Date.now());
  const found = await eventually('the resolution', () =>
    resolutions.find((r) => r.conditionId === conditionId),
  );
  expect(found.payouts.map((p) => [p.tokenId, p.numerator])).toEqual([
    [tokenIds[0], '1'],
    [tokenIds[1], '0'],
  ]);
  expect(resolutions.filter((r) => r.conditionId === conditionId)).toHaveLength(1);
});

test('a wallet that is no longer followed is no longer copied', async () => {
  const who = wallet(1);
  await follow(who);
  await (await bus.bucket(leadersBucket)).delete(`leader-${who}`);
  const [gone, here] = [nextHash(), nextHash()];
  await new Promise((resolve) => setTimeout(resolve, 300));
  trade(who, gone);
  trade(wallet(0), here);
  await whole(here, 100_000_000n);
  expect(trades.filter((t) => t.transactionHash === gone)).toEqual([]);
});
