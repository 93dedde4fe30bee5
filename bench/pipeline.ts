import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Database, openDatabase } from '@slipstream/db';
import { loadStackEnvironment, removeData, type Stack, startStack } from '@slipstream/stack';
import { followAll } from '../scripts/start/follow.ts';
import { simulatorAdmin } from '../scripts/start/simulator.ts';
import { commitMs, insertRowsPerSecond, jetstreamHopMs } from './floors.ts';
import { median, spreadOf } from './statistics.ts';

const LEADERS = 20;
/** Enough paper money that no trade is skipped for want of it: a hundred million dollars. */
const DEPOSIT_MICROS = 100_000_000_000_000n;
const POOL_MAX = 2;
const DONE_WAIT_MS = 180_000;
const POLL_MS = 2_000;
const SETTLE_MS = 3_000;

export type PipelineOptions = {
  /** Leader trades of the throughput run, and how many a second the simulator offers. */
  readonly total: number;
  readonly offeredPerSecond: number;
  /** Leader trades of the delay run, at a rate that leaves the machine idle most of the time. */
  readonly calm: number;
  readonly calmPerSecond: number;
};

/** Gives the paper account enough to trade with, as its ledger would have it; the portfolio reads it at its next start. */
async function deposit(db: Database, stack: Stack): Promise<void> {
  await db.tx(async (sql) => {
    await sql.query(
      `insert into portfolio.ledger_entry (mode, scope, ref_id, entry_type, share_delta_micros, cash_delta_micros, fee_micros, occurred_at, booked_at)
       select mode, scope, 'bench:deposit', 'DEPOSIT', 0, $1, 0, now(), now() from portfolio.account where mode = 'PAPER'`,
      [DEPOSIT_MICROS],
    );
    await sql.query(
      `update portfolio.account set cash_micros = cash_micros + $1, deposited_micros = deposited_micros + $1, version = version + 1 where mode = 'PAPER'`,
      [DEPOSIT_MICROS],
    );
  });
  stack.services.get('portfolio')?.signal('SIGTERM');
  await wait(SETTLE_MS);
}

type Progress = { readonly parts: bigint; readonly decided: bigint; readonly open: bigint };

/** Waits until every trade is decided and every copy booked. Errors: it takes longer than a bound. */
async function untilBooked(db: Database, since: Date, total: number): Promise<void> {
  const deadline = performance.now() + DONE_WAIT_MS;
  for (;;) {
    const [row] = await db.query<Progress>(
      `select (select count(*) from ingest.leader_trade where created_at >= $1) as parts,
              (select coalesce(sum(cardinality(trade_ids)), 0)::bigint from decider.copy_attempt where decided_at >= $1) as decided,
              (select count(*) from decider.copy_attempt a left join portfolio.attempt_execution e on e.attempt_id = a.attempt_id and e.final
                where a.decided_at >= $1 and a.decision = 'EXECUTE' and e.attempt_id is null) as open`,
      [since],
    );
    if (row && row.parts >= BigInt(total) && row.decided >= BigInt(total) && row.open === 0n) return;
    if (performance.now() > deadline)
      throw new Error(`not done in time: ${row?.parts} seen, ${row?.decided} decided, ${row?.open} open`);
    await wait(POLL_MS);
  }
}

async function offer(stack: Stack, db: Database, total: number, tradesPerSecond: number): Promise<Date> {
  const [row] = await db.query<{ now: Date }>('select now() as now');
  const since = row?.now ?? new Date();
  await simulatorAdmin(String(stack.endpoints.admin)).load({ tradesPerSecond, total });
  await untilBooked(db, since, total);
  return since;
}

/** Leader trades that ended in the ledger, over the time from the first one seen to the last one booked. */
async function throughputOf(db: Database, since: Date) {
  const [row] = await db.query<{
    trades: bigint;
    attempts: bigint;
    all_trades: bigint;
    first: number;
    last: number;
  }>(
    `select coalesce(sum(cardinality(a.trade_ids)) filter (where e.filled_size_micros > 0), 0)::bigint as trades,
            count(*) filter (where e.filled_size_micros > 0) as attempts,
            coalesce(sum(cardinality(a.trade_ids)), 0)::bigint as all_trades,
            min((a.hops->>'seen')::float8) as first, max((e.hops->>'booked')::float8) as last
       from decider.copy_attempt a left join portfolio.attempt_execution e on e.attempt_id = a.attempt_id where a.decided_at >= $1`,
    [since],
  );
  const seconds = row ? (row.last - row.first) / 1e6 : 0;
  const perSecond = (n: bigint | undefined): number =>
    seconds > 0 ? Math.round(Number(n ?? 0n) / seconds) : 0;
  return {
    tradesPerSecond: perSecond(row?.trades),
    decidedPerSecond: perSecond(row?.all_trades),
    copiesPerSecond: perSecond(row?.attempts),
    trades: Number(row?.trades ?? 0n),
    offered: Number(row?.all_trades ?? 0n),
    seconds: Math.round(seconds * 10) / 10,
  };
}

/** Why offered trades did not end in the ledger: reasons of skips, and of orders that filled nothing. */
async function missedOf(db: Database, since: Date): Promise<Record<string, number>> {
  const rows = await db.query<{ reason: string; trades: bigint }>(
    `select coalesce(e.reason, a.reasons[1], 'none') as reason, sum(cardinality(a.trade_ids))::bigint as trades
       from decider.copy_attempt a left join portfolio.attempt_execution e on e.attempt_id = a.attempt_id
      where a.decided_at >= $1 and coalesce(e.filled_size_micros, 0) = 0 group by 1 order by 2 desc`,
    [since],
  );
  return Object.fromEntries(rows.map(({ reason, trades }) => [reason, Number(trades)]));
}

/** Where a trade waits by design is told apart: the aggregation window before `decided`, the paper latency before `executed`. */
const HOPS = [
  ['ingest', 'seen', 'published'],
  ['toDecider', 'published', 'received'],
  ['windowAndDecide', 'received', 'decided'],
  ['toIntent', 'decided', 'intended'],
  ['toPaperExec', 'intended', 'accepted'],
  ['latencyAndExecute', 'accepted', 'executed'],
  ['toLedger', 'executed', 'booked'],
] as const;

async function hopsOf(db: Database, since: Date): Promise<Record<string, ReturnType<typeof spreadOf>>> {
  const rows = await db.query<{ hops: Record<string, number> }>(
    `select e.hops from portfolio.attempt_execution e join decider.copy_attempt a on a.attempt_id = e.attempt_id where a.decided_at >= $1 and e.filled_size_micros > 0`,
    [since],
  );
  const between = (from: string, to: string): number[] =>
    rows.flatMap(({ hops }) => {
      const [a, b] = [hops[from], hops[to]];
      return a === undefined || b === undefined ? [] : [(b - a) / 1_000];
    });
  return Object.fromEntries(HOPS.map(([name, from, to]) => [name, spreadOf(between(from, to))]));
}

type Shown = { readonly mode: { readonly version: number; readonly rules: object } };

/** Sets how long PAPER waits for more trades of a kind; gives what it was before. */
async function setRules(stack: Stack, change: object): Promise<object> {
  const { mode } = await stack.gateway.get<Shown>('/api/config');
  const rules = { ...mode.rules, ...change };
  await stack.gateway.send('PUT', '/api/config', { tradingMode: 'PAPER', version: mode.version, rules });
  return mode.rules;
}

/** From the simulator's feed reaching us to the intent on its way, for attempts decided since then. */
async function tradeToIntent(db: Database, since: Date): Promise<ReturnType<typeof spreadOf>> {
  const rows = await db.query<{ micros: number }>(
    `select (e.hops->>'intended')::float8 - (e.hops->>'seen')::float8 as micros from decider.copy_attempt a
      join portfolio.attempt_execution e on e.attempt_id = a.attempt_id where a.decided_at >= $1 and e.hops ? 'intended'`,
    [since],
  );
  return spreadOf(rows.map(({ micros }) => micros / 1_000));
}

/** All services as processes, from the simulator's feed into the ledger; the bare costs measured on the same servers. */
export async function benchPipeline(options: PipelineOptions) {
  const environment = loadStackEnvironment();
  const dataDir = await mkdtemp(join(tmpdir(), 'slipstream-bench-'));
  const stack = await startStack({
    dataDir,
    gatewayPort: 0,
    exchange: { kind: 'sim', args: ['--wallets', String(LEADERS), '--rate', '0', '--hold'] },
    clockUrl: null,
    logLevel: 'warn',
    durable: true,
    natsServer: environment.NATS_SERVER,
    searchPath: environment.PATH,
    cacheDir: environment.SLIPSTREAM_CACHE,
    onProgress: () => undefined,
  });
  const db = await openDatabase({ url: stack.databaseUrl, name: 'bench', poolMax: POOL_MAX });
  try {
    const hops = await jetstreamHopMs(stack.natsUrl, await readFile(stack.natsCreds));
    const commits = await commitMs(stack.databaseUrl);
    const inserts = await insertRowsPerSecond(stack.databaseUrl);
    const admin = simulatorAdmin(String(stack.endpoints.admin));
    await followAll(stack.gateway, (await admin.state()).wallets);
    await admin.start();
    await deposit(db, stack);
    // The first trades open the books and metadata of every market.
    await offer(stack, db, LEADERS, LEADERS);
    const calmSince = await offer(stack, db, options.calm, options.calmPerSecond);
    const hopMs = await hopsOf(db, calmSince);
    const before = await setRules(stack, { aggregationWindowMs: 0 });
    const atOnceSince = await offer(stack, db, options.calm, options.calmPerSecond);
    const tradeToIntentMs = await tradeToIntent(db, atOnceSince);
    await setRules(stack, before);
    const busySince = await offer(stack, db, options.total, options.offeredPerSecond);
    const throughput = await throughputOf(db, busySince);
    return {
      pipeline: {
        ...throughput,
        missed: await missedOf(db, busySince),
        offeredPerSecond: options.offeredPerSecond,
        hopMs,
        hopsAtPerSecond: options.calmPerSecond,
        /** With an aggregation window of nothing, at the same rate. */
        tradeToIntentMs,
        hopMsUnderLoad: await hopsOf(db, busySince),
      },
      floors: {
        jetstreamHopMs: spreadOf(hops),
        commitMs: spreadOf(commits),
        insertRowsPerSecond: median(inserts),
      },
    };
  } finally {
    await db.close();
    await stack.stop();
    await removeData(dataDir);
  }
}
