import { type Database, migrate, openDatabase } from '@slipstream/db';
import { usd } from '@slipstream/money';
import { startTestPostgres, type TestServer } from '@slipstream/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bucketOf } from '../core/bucket.ts';
import type { Figures } from '../core/value.ts';
import { AT, PAPER } from '../testing/builders.ts';
import { lockAccount } from './ledger.ts';
import { type Slice, writeSnapshots } from './snapshots.ts';

const PROPERTY_RUNS = 40;
const MINUTE_MS = 60_000;
const PROBED_ROWS = 100_000;

let server: TestServer;
let db: Database;

beforeAll(async () => {
  server = await startTestPostgres();
  await migrate(server.url);
  db = await openDatabase({ url: server.url, name: 'snapshots-test', poolMax: 2 });
});
afterAll(async () => {
  await db?.close();
  await server?.stop();
});
beforeEach(async () => {
  await db.query('delete from portfolio.portfolio_snapshot');
});

/** Realised, unrealised and fees; all that a peak depends on. */
type Profit = {
  readonly realized: bigint;
  readonly unrealized: bigint | null;
  readonly fees: bigint;
};
const profitOf = ({ realized, unrealized, fees }: Profit): bigint | null =>
  unrealized === null ? null : realized + unrealized - fees;

const figuresWith = ({ realized, unrealized, fees }: Profit): Figures => ({
  cashMicros: usd(0n),
  exposureMicros: usd(0n),
  equityMicros: null,
  realizedPnlMicros: usd(realized),
  unrealizedPnlMicros: unrealized === null ? null : usd(unrealized),
  feesMicros: usd(fees),
  openPositions: 0,
  unpricedPositions: 0,
});

const bucketAt = (minute: number): Date => new Date(bucketOf(AT).getTime() + minute * MINUTE_MS);
const write = (minute: number, slices: readonly Slice[]) =>
  db.tx(async (sql) => {
    await lockAccount(sql, PAPER, AT);
    return writeSnapshots(sql, PAPER, bucketAt(minute), slices, AT);
  });
const gain = (unrealized: bigint | null): Figures => figuresWith({ realized: 0n, unrealized, fees: 0n });

type PeakRow = {
  readonly leader_id: string | null;
  readonly peak_profit_micros: bigint;
  readonly profit: bigint | null;
};
const series = (): Promise<PeakRow[]> =>
  db.query<PeakRow>(
    `select leader_id, peak_profit_micros, realized_pnl_micros + unrealized_pnl_micros - fees_micros as profit
     from portfolio.portfolio_snapshot order by bucket_time, snapshot_id`,
  );

const micros = (most: bigint) => fc.bigInt({ min: -most, max: most });
const aProfit: fc.Arbitrary<Profit> = fc.record({
  realized: micros(10n ** 15n),
  unrealized: fc.option(micros(10n ** 15n), { nil: null }),
  fees: fc.bigInt({ min: 0n, max: 10n ** 12n }),
});
/** Minutes, each with the slices that changed in it; some are written twice, as after a restart. */
const aHistory = fc.array(
  fc.record({
    slices: fc.uniqueArray(fc.tuple(fc.constantFrom(null, 'l1', 'l2'), aProfit), {
      minLength: 1,
      selector: ([leaderId]) => leaderId,
    }),
    again: fc.boolean(),
    quietMinutes: fc.nat({ max: 3 }),
  }),
  { maxLength: 12 },
);

describe('the peak of a series', () => {
  test('is the most that its profit has been, at least nothing, and never below the profit', async () => {
    await fc.assert(
      fc.asyncProperty(aHistory, async (history) => {
        await db.query('delete from portfolio.portfolio_snapshot');
        const peaks = new Map<string | null, bigint>();
        const expected: bigint[] = [];
        let minute = 0;
        for (const { slices, again, quietMinutes } of history) {
          const changed = slices.map(([leaderId, profit]) => ({ leaderId, figures: figuresWith(profit) }));
          const stored = await write(minute, changed);
          for (const [leaderId, profit] of slices) {
            const before = peaks.get(leaderId) ?? 0n;
            const now = profitOf(profit);
            peaks.set(leaderId, now !== null && now > before ? now : before);
            expected.push(peaks.get(leaderId) ?? -1n);
          }
          expect(stored.map((slice) => slice.peakProfitMicros)).toEqual(expected.slice(-slices.length));
          if (again) expect(await write(minute, changed)).toEqual([]);
          minute += 1 + quietMinutes;
        }
        const rows = await series();
        expect(rows.map((row) => row.peak_profit_micros)).toEqual(expected);
        for (const row of rows)
          expect(row.peak_profit_micros - (row.profit ?? row.peak_profit_micros)).toBeGreaterThanOrEqual(0n);
      }),
      { numRuns: PROPERTY_RUNS },
    );
  });

  test('is each mode’s and each leader’s own', async () => {
    await write(0, [
      { leaderId: null, figures: gain(5n) },
      { leaderId: 'l1', figures: gain(9n) },
    ]);
    await db.tx(async (sql) => {
      const slices = [{ leaderId: null, figures: gain(2n) }];
      const live = await writeSnapshots(sql, { mode: 'LIVE', scope: PAPER.scope }, bucketAt(1), slices, AT);
      expect(live).toMatchObject([{ peakProfitMicros: 2n }]);
    });
    expect(await write(1, [{ leaderId: 'l2', figures: gain(-4n) }])).toMatchObject([
      { peakProfitMicros: 0n },
    ]);
    expect(await write(2, [{ leaderId: null, figures: gain(1n) }])).toMatchObject([{ peakProfitMicros: 5n }]);
  });

  test('has nothing put behind it: what comes late would show a later time than its bucket’s', async () => {
    await write(5, [{ leaderId: null, figures: gain(3n) }]);
    expect(
      await write(4, [
        { leaderId: null, figures: gain(9n) },
        { leaderId: 'l1', figures: gain(1n) },
      ]),
    ).toMatchObject([{ leaderId: 'l1' }]);
    expect(await series()).toMatchObject([{ leader_id: 'l1' }, { peak_profit_micros: 3n }]);
  });
});

describe('the latest snapshot at or before an instant', () => {
  test.each([
    ['the account’s', 'leader_id is null', []],
    ['a leader’s', 'leader_id = $4', ['l3']],
  ])('%s is one probe of an index, however long the series', async (_whose, leader, more) => {
    await db.query(
      `insert into portfolio.portfolio_snapshot (mode, scope, leader_id, bucket_time, cash_micros, exposure_micros,
         realized_pnl_micros, fees_micros, peak_profit_micros, open_positions, unpriced_positions, taken_at)
       select $1, $2, l, $3::timestamptz + n * interval '1 minute', 0, 0, 0, 0, 0, 0, 0, $3
       from generate_series(1, $4::int / 5) n, unnest(array[null, 'l1', 'l2', 'l3', 'l4']) l`,
      [PAPER.mode, PAPER.scope, AT, PROBED_ROWS],
    );
    await db.query('analyze portfolio.portfolio_snapshot');
    const plan = await db.query<{ 'QUERY PLAN': string }>(
      `explain (costs off) select peak_profit_micros from portfolio.portfolio_snapshot
       where mode = $1 and scope = $2 and ${leader} and bucket_time <= $3 order by bucket_time desc limit 1`,
      [PAPER.mode, PAPER.scope, bucketAt(9_000), ...more],
    );
    const lines = plan.map((row) => row['QUERY PLAN'].trim());
    expect(lines[1]).toMatch(/^->\s+Index Scan Backward using portfolio_snapshot_/);
    expect(lines[2]).toMatch(/^Index Cond:.*bucket_time <=/);
    expect(lines).toHaveLength(3);
  });
});
