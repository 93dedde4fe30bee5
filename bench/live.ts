import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Database, openDatabase } from '@slipstream/db';
import { loadStackEnvironment, removeData, type Stack, startStack } from '@slipstream/stack';
import { followAll } from '../scripts/start/follow.ts';
import { simulatorAdmin } from '../scripts/start/simulator.ts';
import { postMs, signMs } from './live-floors.ts';
import { median, spreadOf } from './statistics.ts';

const POOL_MAX = 2;
const WAIT_MS = 60_000;
const POLL_MS = 250;
const CALM_PER_SECOND = 20;
/** Trades before anything is measured: markets are opened, and the machine has translated what is run often. */
const WARM_UP = 600;
/** How many of the first are shown by themselves: what a user sees who has just started. */
const COLD = 60;
/** How fast leaders trade while orders pile up for the key holder. */
const PILE_PER_SECOND = 250;
/** How long what was decided may be acted on, so that a pile is worked off and not refused for its age. */
const PATIENT_MS = 600_000;
const CONCURRENCY = 16;
const MICROS_PER_MS = 1_000;
const MICROS_PER_SECOND = 1_000_000;

/** A few dollars each, at once, and no guardrail in the way: what is measured is time. */
const RULES = {
  aggregationWindowMs: 0,
  intentExpiryMs: PATIENT_MS,
  guardrails: {
    maxWorseningMicros: '250000',
    maxOverMidMicros: '250000',
    maxSpreadMicros: '500000',
    bookFreshnessMs: 60_000,
    maxTotalExposureBps: '10000',
    maxMarketExposureBps: '10000',
    maxLeaderExposureBps: '10000',
    maxDailyLossBps: '10000',
    maxWeeklyLossBps: '10000',
    maxDrawdownBps: '10000',
  },
  sizing: { minTradeNotionalMicros: '4500000', maxTradeNotionalMicros: '6000000' },
};

export type LiveOptions = { readonly calm: number; readonly pile: number };

type Posted = {
  readonly method: string;
  readonly path: string;
  readonly atMicros: number;
  readonly orderIds: readonly string[];
};
type Told = {
  readonly transactionHash: string;
  readonly tokenId: string;
  readonly wallet: string;
  readonly atMicros: number;
};
type Hops = Readonly<Record<string, number>>;
type Config = { readonly mode: { readonly version: number; readonly rules: Record<string, object> } };

async function ask<T>(stack: Stack, path: string): Promise<T> {
  const reply = await fetch(`${stack.endpoints.admin}${path}`);
  return (await reply.json()) as T;
}

/** Errors: it takes longer than a bound. */
async function until(what: string, done: () => Promise<boolean>): Promise<void> {
  for (const deadline = performance.now() + WAIT_MS; !(await done()); await wait(POLL_MS))
    if (performance.now() > deadline) throw new Error(`${what} did not happen within ${WAIT_MS} ms`);
}

async function prepare(stack: Stack, db: Database): Promise<void> {
  const admin = simulatorAdmin(String(stack.endpoints.admin));
  await followAll(stack.gateway, (await admin.state()).wallets);
  await admin.start();
  await until('the account is known', async () => {
    const rows = await db.query(`select 1 from portfolio.account where mode = 'LIVE' and cash_micros > 0`);
    return rows.length > 0;
  });
  const { mode } = await stack.gateway.get<Config>('/api/config?tradingMode=LIVE');
  const rules: Record<string, unknown> = {
    ...mode.rules,
    live: { ...mode.rules['live'], concurrency: CONCURRENCY },
  };
  for (const [name, part] of Object.entries(RULES))
    rules[name] = typeof part === 'object' ? { ...mode.rules[name], ...part } : part;
  await stack.gateway.send('PUT', '/api/config', { tradingMode: 'LIVE', version: mode.version, rules });
  for (const liveTradingState of ['SHADOW', 'ON'])
    await stack.gateway.send('PUT', '/api/switches', { liveTradingState });
}

const load = (stack: Stack, total: number, tradesPerSecond: number): Promise<unknown> =>
  simulatorAdmin(String(stack.endpoints.admin)).load({ tradesPerSecond, total });

/** Waits until every part that was told is decided in LIVE and everything decided there has ended. */
const untilEnded = (db: Database, since: Date, total: number): Promise<void> =>
  until('every live decision has ended', async () => {
    const [row] = await db.query<{ decided: bigint; open: bigint }>(
      `select (select coalesce(sum(cardinality(trade_ids)), 0)::bigint from decider.copy_attempt where mode = 'LIVE' and decided_at >= $1) as decided,
         (select count(*) from decider.copy_attempt a where a.mode = 'LIVE' and a.decision = 'EXECUTE' and a.decided_at >= $1
            and not exists (select 1 from live.live_order o where o.intent_id = a.intent_id and o.settled_at is not null)) as open`,
      [since],
    );
    return row !== undefined && row.decided >= BigInt(total) && row.open === 0n;
  });

async function postedSince(stack: Stack, sinceMs: number): Promise<ReadonlyMap<string, number>> {
  const { requests } = await ask<{ requests: Posted[] }>(stack, `/requests?since=${sinceMs}`);
  return new Map(
    requests
      .filter(({ method, path }) => method === 'POST' && path === '/order')
      .flatMap(({ orderIds, atMicros }) => orderIds.map((id) => [id, atMicros] as const)),
  );
}

const STEPS = [
  ['toIngest', 'told', 'seen'],
  ['ingest', 'seen', 'published'],
  ['toDecider', 'published', 'received'],
  ['decide', 'received', 'decided'],
  ['toIntent', 'decided', 'intended'],
  ['toClaim', 'intended', 'claimed'],
  ['claimToPost', 'claimed', 'posted'],
  ['visibleToPost', 'told', 'posted'],
] as const;

/** Where the milliseconds between a trade's being visible and the order's arrival go, hop by hop. */
async function calmRun(stack: Stack, db: Database, count: number) {
  const since = new Date();
  await load(stack, count, CALM_PER_SECOND);
  await untilEnded(db, since, count);
  const { trades } = await ask<{ trades: Told[] }>(stack, `/told?since=${since.getTime() * MICROS_PER_MS}`);
  const toldAt = new Map(trades.map((t) => [`${t.transactionHash} ${t.tokenId} ${t.wallet}`, t.atMicros]));
  const posted = await postedSince(stack, since.getTime());
  const rows = await db.query<{ order_id: string; hops: Hops; key: string }>(
    `select o.order_id, o.trace->'hops' as hops, t.transaction_hash || ' ' || t.token_id || ' ' || t.wallet as key
       from live.live_order o join decider.copy_attempt a on a.attempt_id = o.attempt_id
       join ingest.leader_trade t on t.trade_id = a.trade_ids[1] where o.claimed_at >= $1 and o.sends > 0`,
    [since],
  );
  const stories = rows.map(
    ({ order_id, hops, key }): Record<string, number | undefined> => ({
      ...hops,
      told: toldAt.get(key),
      posted: posted.get(order_id),
    }),
  );
  const between = (from: string, to: string): number[] =>
    stories.flatMap((story) => {
      const [a, b] = [story[from], story[to]];
      return a === undefined || b === undefined ? [] : [(b - a) / MICROS_PER_MS];
    });
  return Object.fromEntries(STEPS.map(([name, from, to]) => [name, spreadOf(between(from, to))]));
}

/** Orders a second that leave the key holder when it has as many before it as it likes. */
async function pileRun(stack: Stack, db: Database, count: number): Promise<number | null> {
  const since = new Date();
  const live = stack.services.get('live-exec');
  live?.signal('SIGSTOP');
  await load(stack, count, PILE_PER_SECOND);
  await until('the pile is decided', async () => {
    const [row] = await db.query<{ decided: bigint }>(
      `select coalesce(sum(cardinality(trade_ids)), 0)::bigint as decided from decider.copy_attempt where mode = 'LIVE' and decided_at >= $1`,
      [since],
    );
    return (row?.decided ?? 0n) >= BigInt(count);
  });
  await wait(POLL_MS);
  const resumed = Date.now();
  live?.signal('SIGCONT');
  await untilEnded(db, since, count);
  const times = [...(await postedSince(stack, resumed)).values()].sort((a, b) => a - b);
  const [first, last] = [times[0], times.at(-1)];
  if (first === undefined || last === undefined || last === first) return null;
  return Math.round(((times.length - 1) / (last - first)) * MICROS_PER_SECOND);
}

/** Why decisions did not become orders that were sent. */
async function missedOf(db: Database): Promise<Record<string, number>> {
  const rows = await db.query<{ reason: string; count: bigint }>(
    `select coalesce(o.reason, a.reasons[1], 'none') || coalesce(' ' || o.code, '') as reason, count(*)
       from decider.copy_attempt a left join live.live_order o on o.attempt_id = a.attempt_id
      where a.mode = 'LIVE' and coalesce(o.sends, 0) = 0 group by 1 order by 2 desc`,
  );
  return Object.fromEntries(rows.map(({ reason, count }) => [reason, Number(count)]));
}

/** Live execution from the simulator's feed to the order that arrives there: delays at a calm rate, and the most a second. */
export async function benchLive(options: LiveOptions) {
  const environment = loadStackEnvironment();
  const dataDir = await mkdtemp(join(tmpdir(), 'slipstream-bench-live-'));
  const stack = await startStack({
    dataDir,
    gatewayPort: 0,
    exchange: { kind: 'sim', args: ['--wallets', '4', '--rate', '0', '--hold'] },
    serviceEnv: {
      'live-exec': { LIMIT_ORDER_USD: '1000', LIMIT_DAY_USD: '1000000', LIMIT_OPEN_ORDERS: '1000' },
    },
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
    await prepare(stack, db);
    const floors = { signMs: median(await signMs()), postMs: median(await postMs(stack.endpoints.clob)) };
    // The first trades open the books and metadata of every market.
    const cold = await calmRun(stack, db, COLD);
    await calmRun(stack, db, WARM_UP);
    const hopMs = await calmRun(stack, db, options.calm);
    const signedPerSecond = await pileRun(stack, db, options.pile);
    const over = (n: number | null | undefined, floor: number | null): number | null =>
      n == null || floor === null || floor === 0 ? null : Math.round((n / floor) * 10) / 10;
    return {
      live: {
        signedPerSecond,
        claimToPostMs: hopMs['claimToPost'],
        visibleToPostMs: hopMs['visibleToPost'],
        hopMs,
        coldVisibleToPostMs: cold['visibleToPost'],
        missed: await missedOf(db),
        atPerSecond: CALM_PER_SECOND,
        ratios: { claimToPostOverPost: over(hopMs['claimToPost']?.p50, floors.postMs) },
      },
      floors,
    };
  } finally {
    await db.close();
    await stack.stop();
    await removeData(dataDir);
  }
}
