import { type Database, migrate, openDatabase } from '@slipstream/db';
import { SourcesReply } from '@slipstream/proto/http';
import { startTestPostgres, type TestServer } from '@slipstream/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readSources } from './sources.ts';

const NOW = new Date('2026-11-22T12:00:00.000Z');
const MINUTES = 60_000;
let postgres: TestServer;
let db: Database;
let trades = 0;

const before = (ms: number): Date => new Date(NOW.getTime() - ms);

/** A trade that happened so long ago, and how much later each source saw it; the first source is the first named. */
async function trade(
  agoMs: number,
  seen: Readonly<Record<string, number>>,
  more: { readonly baseline?: boolean; readonly parts?: number } = {},
): Promise<void> {
  const id = `lt_${++trades}`;
  const [first] = Object.keys(seen);
  for (let part = 1; part <= (more.parts ?? 1); part++)
    await db.query(
      `insert into ingest.leader_trade (trade_id, base_id, part, leader_id, wallet, token_id, condition_id, outcome, side, size_micros,
          notional_micros, price_micros, transaction_hash, occurred_at, detected_at, source, baseline, hops)
        values ($1 || '#' || $2::int, $1, $2::int, 'ld_0', 'w', '100', 'c', 'Yes', 'BUY', 1, 1, 1, $1, $3, $3, $4, $5, '{}')`,
      [id, part, before(agoMs), first, more.baseline ?? false],
    );
  for (const [source, afterMs] of Object.entries(seen))
    await db.query(`insert into ingest.sighting values ($1, $2, 'w', 1, $3, $4)`, [
      id,
      source,
      before(agoMs),
      before(agoMs - afterMs),
    ]);
}

beforeAll(async () => {
  postgres = await startTestPostgres();
  await migrate(postgres.url);
  db = await openDatabase({ url: postgres.url, name: 'test', poolMax: 2 });
}, 60_000);

afterAll(async () => {
  await db?.close();
  await postgres?.stop();
});

test('nothing is nobody’s merit', async () => {
  const reply = await readSources(db, before(60 * MINUTES), NOW, null);
  expect(reply.trades).toBe(0);
  expect(reply.items.map((item) => [item.source, item.running, item.first, item.delayP50Ms])).toEqual([
    ['chain', null, 0, null],
    ['rtds', null, 0, null],
    ['data-api', null, 0, null],
  ]);
});

test('each source has what it was first with, confirmed and missed, and how late it was', async () => {
  await trade(10 * MINUTES, { chain: 3_000, rtds: 4_000, 'data-api': 9_000 });
  await trade(9 * MINUTES, { rtds: 2_000, chain: 5_000 }, { parts: 2 });
  await trade(8 * MINUTES, { rtds: 2_000, 'data-api': 70_000 });
  await trade(1_000, { rtds: 500 });
  await trade(5 * MINUTES, { 'data-api': 1_000 }, { baseline: true });
  await trade(90 * MINUTES, { rtds: 1_000 });
  const reply = await readSources(db, before(60 * MINUTES), NOW, new Set(['rtds']));
  expect(SourcesReply.parse(reply)).toEqual({
    since: before(60 * MINUTES).toISOString(),
    trades: 4,
    missedAfterMs: 60_000,
    items: [
      {
        source: 'chain',
        running: false,
        first: 1,
        confirmed: 1,
        missed: 1,
        delayP50Ms: 4_000,
        delayP99Ms: 4_980,
        lagP50Ms: 3_000,
        lagP99Ms: 3_000,
      },
      {
        source: 'rtds',
        running: true,
        first: 3,
        confirmed: 1,
        missed: 0,
        delayP50Ms: 2_000,
        delayP99Ms: 3_940,
        lagP50Ms: 1_000,
        lagP99Ms: 1_000,
      },
      {
        source: 'data-api',
        running: false,
        first: 0,
        confirmed: 1,
        missed: 2,
        delayP50Ms: 39_500,
        delayP99Ms: 69_390,
        lagP50Ms: 37_000,
        lagP99Ms: 67_380,
      },
    ],
  });
});
