import type { Bus } from '@slipstream/bus';
import type { Database } from '@slipstream/db';
import {
  type CopyAttempt,
  type CopyIntent,
  configBucket,
  copyAttemptPaper,
  copyIntentPaper,
  interestBucket,
  PAPER_SCOPE,
  type TradingMode,
} from '@slipstream/proto';
import type { HostedService } from '@slipstream/runtime';
import { eventually } from '@slipstream/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { portfolioRows } from '../test/portfolio-rows.ts';
import { hostDecider, speaker, startBus, startTables } from '../test/system.ts';

const SCOPES = new Map<TradingMode, readonly string[]>([['PAPER', [PAPER_SCOPE]]]);

let nats: Awaited<ReturnType<typeof startBus>>;
let tables: Awaited<ReturnType<typeof startTables>>;
let db: Database;
/** Everybody else: gateway, ingest, and who listens. */
let others: Bus;
let say: ReturnType<typeof speaker>;
let decider: HostedService | null = null;
const intents: CopyIntent[] = [];
const attempts: CopyAttempt[] = [];
const statements: string[] = [];

/** Notes when statements begin and end. */
const noted = (own: Database): Database => ({
  ...own,
  query: async <R>(text: string, params?: readonly unknown[]): Promise<R[]> => {
    statements.push(`begin ${text}`);
    const rows = await own.query<R>(text, params);
    statements.push(`end ${text}`);
    return rows;
  },
});
const startDecider = async (): Promise<void> => {
  decider = await hostDecider({
    natsUrl: nats.server.url,
    databaseUrl: tables.server.url,
    scopes: SCOPES,
    around: noted,
  });
};
const stopDecider = async (): Promise<void> => {
  await decider?.stop();
  decider = null;
};
const decisionOf = (tradeId: string): Promise<CopyAttempt> =>
  eventually(`the decision on ${tradeId}`, () => attempts.find((a) => a.tradeIds.includes(tradeId)));

beforeAll(async () => {
  [nats, tables] = await Promise.all([startBus(), startTables()]);
  ({ db } = tables);
  ({ others } = nats);
  say = speaker(others);
  await portfolioRows(db).account(10_000_000_000n, 1n);
  await Promise.all([say.switch({}), say.lead()]);
  await others.tail(copyIntentPaper, (intent) => void intents.push(intent), { from: 'new' });
  await others.tail(copyAttemptPaper, (attempt) => void attempts.push(attempt), { from: 'new' });
});
afterEach(stopDecider);
afterAll(async () => {
  await nats?.stop();
  await tables?.stop();
});

describe('the decider', () => {
  test('copies a leader’s trade once, with an intent, however often it is published', async () => {
    await say.configure({ aggregationWindowMs: 0 });
    await say.market('111');
    await startDecider();
    await say.publish(say.trade(1));
    const attempt = await decisionOf('lt_1');
    expect(attempt).toMatchObject({ decision: 'EXECUTE', sourceType: 'IMMEDIATE' });
    expect(intents).toMatchObject([{ intentId: attempt.intentId, limitPriceMicros: 510_000n }]);
    await say.publish(say.trade(1), say.trade(2));
    await decisionOf('lt_2');
    expect(attempts.filter((a) => a.tradeIds.includes('lt_1'))).toHaveLength(1);
    const [row] = await db.query<{ hops: object }>('select hops from decider.copy_attempt limit 1');
    expect(Object.keys(row?.hops ?? {})).toEqual(expect.arrayContaining(['received', 'decided']));
    await eventually('an empty outbox', async () => {
      const [left] = await db.query<{ n: bigint }>('select count(*) as n from decider.outbox');
      return left?.n === 0n;
    });
  });

  test('reads the version of the desk before everything else that it recalls', async () => {
    statements.length = 0;
    await startDecider();
    const endOf = (text: string) => statements.findIndex((s) => s.startsWith('end') && s.includes(text));
    const beginOf = (text: string) => statements.findIndex((s) => s.startsWith('begin') && s.includes(text));
    await eventually('the recall', () => endOf('from decider.leader_group') >= 0);
    for (const table of [
      'from decider.leader_group g',
      'from decider.copy_attempt a',
      'from decider.capital_stop',
    ]) {
      expect(beginOf(table)).toBeGreaterThan(endOf('select version from decider.desk'));
    }
    expect(endOf('select version from decider.desk')).toBeGreaterThanOrEqual(0);
  });

  test('waits for configuration before it takes a trade', async () => {
    const config = await others.bucket(configBucket);
    await config.delete('mode.PAPER');
    await startDecider();
    await say.publish(say.trade(10));
    expect(await db.query(`select 1 from decider.group_part where trade_id = 'lt_10'`)).toEqual([]);
    await say.configure({ aggregationWindowMs: 0 });
    expect((await decisionOf('lt_10')).reasons).toEqual([]);
  });

  test('sums the trades of one window, across a restart in its middle', async () => {
    await say.configure({ aggregationWindowMs: 1_500 });
    await startDecider();
    await say.publish(say.trade(20), say.trade(21));
    await eventually('the open group', async () => {
      const rows = await db.query(`select 1 from decider.group_part where trade_id in ('lt_20', 'lt_21')`);
      return rows.length === 2;
    });
    await stopDecider();
    await say.publish(say.trade(20));
    await startDecider();
    expect(await decisionOf('lt_20')).toMatchObject({
      sourceType: 'AGGREGATOR',
      leaderSizeMicros: 200_000_000n,
    });
  });

  test('holds small trades back in a bucket, across a restart in its middle', async () => {
    const buffering = {
      enabled: true,
      notionalThresholdMicros: '1000000',
      flushMinNotionalMicros: '10000000',
      minExecNotionalMicros: '100000',
      maxBufferMs: 60_000,
      quietFlushMs: 1_500,
      nettingMode: 'sameSideOnly',
    };
    await say.configure({ aggregationWindowMs: 0, buffering });
    await startDecider();
    await say.publish(say.trade(40));
    await eventually('the bucket', async () => {
      const rows = await db.query(`select 1 from decider.leader_group where status = 'BUFFERED'`);
      return rows.length === 1;
    });
    await stopDecider();
    await startDecider();
    await say.publish(say.trade(41));
    expect(await decisionOf('lt_41')).toMatchObject({
      sourceType: 'BUFFER',
      decision: 'EXECUTE',
      tradeIds: ['lt_40', 'lt_41'],
    });
  });

  test('asks for a book that it does not have and decides when it comes', async () => {
    await say.configure({ aggregationWindowMs: 0 });
    await startDecider();
    await say.publish(say.trade(30, { tokenId: '333' }));
    const interest = await others.bucket(interestBucket);
    const asked = await eventually('the question', () => interest.get('333'));
    expect(asked).toMatchObject({ wantedBy: 'decider', refreshAt: expect.any(String) });
    await say.market('333');
    expect((await decisionOf('lt_30')).decision).toBe('EXECUTE');
  });

  test('decides a burst of hundreds, each once', async () => {
    await say.configure({ aggregationWindowMs: 0 });
    await startDecider();
    const burst = Array.from({ length: 400 }, (_, i) => say.trade(1_000 + i));
    await say.publish(...burst);
    await decisionOf('lt_1399');
    const [row] = await db.query<{ n: bigint; groups: bigint }>(
      `select count(*) as n, count(distinct group_key) as groups from decider.copy_attempt where trade_ids[1] like 'lt_1___'`,
    );
    expect(row).toEqual({ n: 400n, groups: 400n });
  });
});
