import { type Admin, type Bus, connectAdmin, connectBus, ensureTopology, newTrace } from '@slipstream/bus';
import { type Database, migrate, openDatabase } from '@slipstream/db';
import { price, shares } from '@slipstream/money';
import {
  type CopyAttempt,
  type CopyIntent,
  configBucket,
  copyAttemptPaper,
  copyIntentPaper,
  copyLeaderTrade,
  copyMarketBook,
  copyMarketMeta,
  interestBucket,
  type LeaderTrade,
  leadersBucket,
  type ModeConfig,
  PAPER_SCOPE,
  switchesBucket,
} from '@slipstream/proto';
import { type HostedService, idleActivity, silentLogger, startService } from '@slipstream/runtime';
import { eventually, startTestNats, startTestPostgres, type TestServer } from '@slipstream/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { aModeConfig, aTrade, CONDITION, LEADER, NOW } from '../test/builders.ts';
import { openDecider } from './decider.ts';

let servers: readonly TestServer[];
let admin: Admin;
let db: Database;
/** Everybody else: gateway, ingest, and who listens. */
let others: Bus;
let decider: HostedService | null = null;
const intents: CopyIntent[] = [];
const attempts: CopyAttempt[] = [];

const startDecider = async (): Promise<void> => {
  decider = await startService(
    'decider',
    async (service) => {
      const own = await openDatabase({ url: servers[1]?.url ?? '', name: 'decider', poolMax: 4 });
      service.onStop('database', own.close);
      const { log, activity, name } = service;
      const bus = await connectBus({ url: servers[0]?.url ?? '', name, log, activity });
      service.onStop('bus', bus.close);
      const parts = { service, db: own, bus, scopes: new Map([['PAPER', PAPER_SCOPE] as const]) };
      void (await openDecider(parts)).begin();
      service.ready();
    },
    { env: { LOG_LEVEL: 'silent' } },
  );
};
const stopDecider = async (): Promise<void> => {
  await decider?.stop();
  decider = null;
};

const at = (): string => new Date().toISOString();
const trade = (n: number, over: Partial<LeaderTrade> = {}): LeaderTrade =>
  aTrade(n, { occurredAt: at(), detectedAt: at(), ...over });
const publish = (...trades: readonly LeaderTrade[]) =>
  Promise.all(trades.map((message) => others.publish(copyLeaderTrade, message, newTrace(message.tradeId))));
const configure = async (over: Partial<ModeConfig>): Promise<void> => {
  const { guardrails } = aModeConfig();
  const fresh = { ...guardrails, bookFreshnessMs: 60_000, bookWaitMs: 5_000 };
  await (await others.bucket(configBucket)).put('mode.PAPER', aModeConfig({ guardrails: fresh, ...over }));
};
const publishBook = (tokenId: string) =>
  others.publish(
    copyMarketBook,
    {
      tokenId,
      conditionId: CONDITION,
      state: 'live',
      bids: [[price(490_000n), shares(10n ** 12n)]],
      asks: [[price(500_000n), shares(10n ** 12n)]],
      source: 'rest',
      sessionId: null,
      changedAt: at(),
      knownAt: at(),
    },
    newTrace(tokenId),
  );
const publishMeta = (tokenId: string) =>
  others.publish(
    copyMarketMeta,
    {
      tokenId,
      conditionId: CONDITION,
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
      venueVersion: 'v1',
      fetchedAt: at(),
      version: 'v_1',
    },
    newTrace(tokenId),
  );
const decisionOf = (tradeId: string): Promise<CopyAttempt> =>
  eventually(`the decision on ${tradeId}`, () => attempts.find((a) => a.tradeIds.includes(tradeId)));

beforeAll(async () => {
  servers = await Promise.all([startTestNats(), startTestPostgres()]);
  const [nats, postgres] = servers;
  await migrate(postgres?.url ?? '');
  db = await openDatabase({ url: postgres?.url ?? '', name: 'test', poolMax: 2 });
  admin = await connectAdmin({ url: nats?.url ?? '' });
  await ensureTopology(admin, { replicas: 1 });
  others = await connectBus({
    url: nats?.url ?? '',
    name: 'ingest',
    log: silentLogger(),
    activity: idleActivity,
  });
  await db.query(`insert into portfolio.account values ('PAPER', $1, 10000000000, 0, 0, 0, 1, now())`, [
    PAPER_SCOPE,
  ]);
  const changed = { version: 1, changedAt: NOW.toISOString(), changedBy: 'test' };
  await (await others.bucket(switchesBucket)).put('global', {
    copyEngineEnabled: true,
    liveTradingState: 'OFF',
    ...changed,
  });
  await (await others.bucket(leadersBucket)).put(LEADER, {
    leaderId: LEADER,
    label: 'L',
    wallets: [trade(1).wallet],
    enabled: true,
    liveOverride: 'INHERIT',
    followedAt: NOW.toISOString(),
    version: 1,
  });
  await others.tail(copyIntentPaper, (intent) => void intents.push(intent), { from: 'new' });
  await others.tail(copyAttemptPaper, (attempt) => void attempts.push(attempt), { from: 'new' });
});
afterEach(stopDecider);
afterAll(async () => {
  await others?.close();
  await admin?.close();
  await db?.close();
  for (const server of servers ?? []) await server.stop();
});

describe('the decider', () => {
  test('copies a leader’s trade once, with an intent, however often it is published', async () => {
    await configure({ aggregationWindowMs: 0 });
    await Promise.all([publishBook('111'), publishMeta('111')]);
    await startDecider();
    await publish(trade(1));
    const attempt = await decisionOf('lt_1');
    expect(attempt).toMatchObject({ decision: 'EXECUTE', sourceType: 'IMMEDIATE' });
    expect(intents).toMatchObject([{ intentId: attempt.intentId, limitPriceMicros: 510_000n }]);
    await publish(trade(1), trade(2));
    await decisionOf('lt_2');
    expect(attempts.filter((a) => a.tradeIds.includes('lt_1'))).toHaveLength(1);
    const [row] = await db.query<{ hops: object }>('select hops from decider.copy_attempt limit 1');
    expect(Object.keys(row?.hops ?? {})).toEqual(expect.arrayContaining(['received', 'decided']));
    await eventually('an empty outbox', async () => {
      const [left] = await db.query<{ n: bigint }>('select count(*) as n from decider.outbox');
      return left?.n === 0n;
    });
  });

  test('waits for configuration before it takes a trade', async () => {
    const config = await others.bucket(configBucket);
    await config.delete('mode.PAPER');
    await startDecider();
    await publish(trade(10));
    expect(await db.query(`select 1 from decider.group_part where trade_id = 'lt_10'`)).toEqual([]);
    await configure({ aggregationWindowMs: 0 });
    expect((await decisionOf('lt_10')).reasons).toEqual([]);
  });

  test('sums the trades of one window, across a restart in its middle', async () => {
    await configure({ aggregationWindowMs: 1_500 });
    await startDecider();
    await publish(trade(20), trade(21));
    await eventually('the open group', async () => {
      const rows = await db.query(`select 1 from decider.group_part where trade_id in ('lt_20', 'lt_21')`);
      return rows.length === 2;
    });
    await stopDecider();
    await publish(trade(20));
    await startDecider();
    expect(await decisionOf('lt_20')).toMatchObject({
      sourceType: 'AGGREGATOR',
      leaderSizeMicros: 200_000_000n,
    });
  });

  test('asks for a book that it does not have and decides when it comes', async () => {
    await configure({ aggregationWindowMs: 0 });
    await startDecider();
    await publish(trade(30, { tokenId: '333' }));
    const interest = await others.bucket(interestBucket);
    const asked = await eventually('the question', () => interest.get('333'));
    expect(asked).toMatchObject({ wantedBy: 'decider', refreshAt: expect.any(String) });
    await Promise.all([publishMeta('333'), publishBook('333')]);
    expect((await decisionOf('lt_30')).decision).toBe('EXECUTE');
  });

  test('decides a burst of hundreds, each once', async () => {
    await configure({ aggregationWindowMs: 0 });
    await startDecider();
    const burst = Array.from({ length: 400 }, (_, i) => trade(1_000 + i));
    await publish(...burst);
    await decisionOf('lt_1399');
    const [row] = await db.query<{ n: bigint; groups: bigint }>(
      `select count(*) as n, count(distinct group_key) as groups from decider.copy_attempt where trade_ids[1] like 'lt_1___'`,
    );
    expect(row).toEqual({ n: 400n, groups: 400n });
  });
});
