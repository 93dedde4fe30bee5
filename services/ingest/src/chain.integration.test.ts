import { connectAdmin, ensureTopology } from '@slipstream/bus';
import { ensureRoles, migrate } from '@slipstream/db';
import type { LeaderTrade } from '@slipstream/proto';
import { idleActivity, silentLogger, wallClock } from '@slipstream/runtime';
import { type RunningSim, startSimExchange } from '@slipstream/sim-exchange';
import { eventually, startTestNats, startTestPostgres, type TestServer } from '@slipstream/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type IngestUnderTest, openIngestUnderTest } from './testing/ingest-under-test.ts';

const PASSWORD = 'ingest-test';
const WITHIN_MS = 40_000;
const TEST_MS = 90_000;
/** Nothing but the chain tells of a trade. */
const CHAIN_ONLY = { rtdsMissEvery: 1, dataStatus: 500 };
const WELL = {
  rtdsMissEvery: 0,
  dataStatus: 0,
  dataLagMs: 0,
  rpcOnly: '',
  rpcFrozen: false,
  rpcDown: false,
  rpcRateLimited: false,
  rpcMissing: 0,
  rpcRangeMax: 0,
};

let postgres: TestServer;
let nats: TestServer;
let sim: RunningSim;
let under: IngestUnderTest;
const clock = wallClock(idleActivity, silentLogger());
let hashes = 0;

const wallet = (n: number): string => sim.wallets[n] ?? '';
const nextHash = (): string => `0x${(++hashes).toString(16).padStart(64, '0')}`;

/** A trade as the exchange has it: 100 shares at 46 cents. */
const trade = (hash: string, more: object = {}): void => {
  const [market] = sim.venue.markets.values();
  if (market === undefined) throw new Error('the simulator has no market');
  sim.venue.trade({
    wallet: wallet(0),
    conditionId: market.conditionId,
    tokenId: market.tokenIds[0],
    side: 'BUY',
    price: '0.46',
    size: '100',
    transactionHash: hash,
    atMs: Date.now(),
    ...more,
  });
};

const told = (hash: string): LeaderTrade[] => under.trades.filter((t) => t.transactionHash === hash);
const removed = (hash: string) => under.removals.filter((r) => r.transactionHash === hash);
const sizeOf = (parts: readonly { readonly sizeMicros: bigint }[]): bigint =>
  parts.reduce((sum, part) => sum + part.sizeMicros, 0n);

const whole = (hash: string, size = 100_000_000n): Promise<LeaderTrade[]> =>
  eventually(`${size} of ${hash}`, () => sizeOf(told(hash)) === size && told(hash), { withinMs: WITHIN_MS });

const seenBy = (hash: string, source: string): Promise<boolean> =>
  eventually(
    `${hash} seen by ${source}`,
    async () =>
      (
        await under.rows(
          `select 1 from ingest.sighting where source = $2
             and base_id in (select base_id from ingest.leader_trade where transaction_hash = $1)`,
          [hash, source],
        )
      ).length > 0,
    { withinMs: WITHIN_MS },
  );

/** Both nodes have told the trade's logs, so that both will tell of their end. */
const standsOnChain = (hash: string): Promise<boolean> => seenBy(hash, 'chain');

beforeAll(async () => {
  [postgres, nats] = await Promise.all([startTestPostgres(), startTestNats()]);
  await migrate(postgres.url);
  const passwords = {
    ingest: PASSWORD,
    decider: PASSWORD,
    paper: PASSWORD,
    live: PASSWORD,
    portfolio: PASSWORD,
    config: PASSWORD,
  };
  await ensureRoles(postgres.url, passwords);
  const admin = await connectAdmin({ url: nats.url });
  await ensureTopology(admin, { replicas: 1 });
  await admin.close();
  sim = await startSimExchange({
    clock,
    busy: idleActivity,
    tape: null,
    seed: 1,
    wallets: 12,
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
  under = await openIngestUnderTest({ natsUrl: nats.url, databaseUrl: url.href, endpoints: sim.endpoints });
  await under.start({ RPC_WALLETS_PER_FILTER: '3' });
  await under.follow(sim.wallets.slice(0, 10));
  await eventually('the baseline', async () => {
    const rows = await under.rows('select 1 from ingest.cursor where baseline_done');
    return rows.length === 10;
  });
}, TEST_MS);

beforeEach(() => under.faults(WELL));

afterAll(async () => {
  await under?.stop();
  await sim?.stop();
  await clock.stop();
  await nats?.stop();
  await postgres?.stop();
});

describe('the chain', { timeout: TEST_MS }, () => {
  test('alone tells a trade, at the time of its block', async () => {
    await under.faults(CHAIN_ONLY);
    const hash = nextHash();
    trade(hash);
    const [part] = await whole(hash);
    expect(part).toMatchObject({
      source: 'chain',
      conditionId: [...sim.venue.markets.keys()][0],
      notionalMicros: 46_000_000n,
      outcome: null,
    });
    expect(Date.parse(part?.occurredAt ?? '') % 2_000).toBe(0);
  });

  test('adds up the logs of one transaction, and keeps its sides and wallets apart', async () => {
    await under.faults(CHAIN_ONLY);
    const hash = nextHash();
    for (let i = 0; i < 5; i++) trade(hash);
    trade(hash, { side: 'SELL', size: '7' });
    trade(hash, { wallet: wallet(1), isTaker: false, size: '9' });
    const parts = await whole(hash, 516_000_000n);
    const sums = Object.groupBy(
      parts,
      (part) => `${part.wallet === wallet(0) ? 'anna' : 'ben'} ${part.side}`,
    );
    expect(Object.entries(sums).map(([who, list]) => [who, sizeOf(list ?? [])])).toEqual(
      expect.arrayContaining([
        ['anna BUY', 500_000_000n],
        ['anna SELL', 7_000_000n],
        ['ben BUY', 9_000_000n],
      ]),
    );
  });

  test('covers wallets of every filter', async () => {
    await under.faults(CHAIN_ONLY);
    const hash = nextHash();
    for (let n = 0; n < 12; n++) trade(hash, { wallet: wallet(n), size: '1' });
    const parts = await whole(hash, 10_000_000n);
    expect(new Set(parts.map((part) => part.wallet))).toEqual(new Set(sim.wallets.slice(0, 10)));
  });

  test('is first, and the others confirm without doubling', async () => {
    await under.faults({ rtdsMissEvery: 1, dataLagMs: 6_000 });
    const hash = nextHash();
    trade(hash);
    const [part] = await whole(hash);
    expect(part?.source).toBe('chain');
    await seenBy(hash, 'data-api');
    expect(told(hash)).toHaveLength(1);
  });

  test('confirms what the feed told first', async () => {
    const hash = nextHash();
    trade(hash);
    const [part] = await whole(hash);
    expect(part?.source).toBe('rtds');
    await Promise.all([seenBy(hash, 'chain'), seenBy(hash, 'data-api')]);
    expect(told(hash)).toHaveLength(1);
    expect(under.ingest().figures()).toMatchObject({
      'chain.first': expect.any(Number),
      'chain.confirmed': expect.any(Number),
      'rtds.lagP50Ms': null,
    });
    expect(await under.metrics()).toMatch(/slipstream_source_trades_total\{source="chain",place="first"/);
  });

  test('goes on over one node while the other is down, and opens the other again', async () => {
    await under.faults({ ...CHAIN_ONLY, rpcOnly: 'first', rpcDown: true });
    const hash = nextHash();
    trade(hash);
    await whole(hash);
    await under.faults({ rpcOnly: 'second', rpcDown: true });
    const after = nextHash();
    await eventually(
      'a trade over the other node',
      async () => {
        if (told(after).length === 0) trade(after, { size: '1' });
        return told(after).length > 0;
      },
      { withinMs: WITHIN_MS, everyMs: 3_000 },
    );
  });

  test('notices a frozen node, and reads what all of them missed', async () => {
    await under.faults({ ...CHAIN_ONLY, rpcFrozen: true });
    const hash = nextHash();
    trade(hash);
    await new Promise((resolve) => setTimeout(resolve, 7_000));
    expect(told(hash)).toEqual([]);
    await under.faults({ rpcFrozen: false });
    await whole(hash);
  });

  test('reads the logs that its subscriptions lost', async () => {
    await under.faults({ ...CHAIN_ONLY, rpcMissing: 1 });
    const hash = nextHash();
    trade(hash);
    expect((await whole(hash))[0]?.source).toBe('chain');
  });

  test('reads in pieces that a node bears', async () => {
    await under.faults({ ...CHAIN_ONLY, rpcMissing: 1, rpcRangeMax: 3 });
    const hash = nextHash();
    trade(hash);
    await whole(hash);
  });

  test('leaves a node alone that is asked too often, and catches up after', async () => {
    await under.faults({ ...CHAIN_ONLY, rpcMissing: 1, rpcRateLimited: true });
    const hash = nextHash();
    trade(hash);
    await new Promise((resolve) => setTimeout(resolve, 12_000));
    expect(told(hash)).toEqual([]);
    await under.faults({ rpcRateLimited: false });
    await whole(hash);
  });

  test('reads what happened while ingest was down', async () => {
    await under.faults(CHAIN_ONLY);
    await under.stopIngest();
    const hash = nextHash();
    trade(hash);
    await new Promise((resolve) => setTimeout(resolve, 4_500));
    await under.start();
    await whole(hash);
    expect(told(hash)).toHaveLength(1);
  });
});

describe('a reorganisation', { timeout: TEST_MS }, () => {
  const removalRows = (hash: string) =>
    under.rows<{ size_micros: bigint; restored_size_micros: bigint }>(
      'select size_micros, restored_size_micros from ingest.removal where transaction_hash = $1',
      [hash],
    );

  test('that takes a trade back is told once, however many nodes tell it', async () => {
    const hash = nextHash();
    trade(hash);
    await whole(hash);
    await standsOnChain(hash);
    await under.faults({ reorg: { depth: 5, returnAfter: null } });
    const [removal] = await eventually('the removal', () => removed(hash).length > 0 && removed(hash));
    expect(removal).toMatchObject({
      sizeMicros: 100_000_000n,
      notionalMicros: 46_000_000n,
      wallet: wallet(0),
      reason: 'REORG',
      removal: 1,
    });
    // The next sweeps read the blocks again and find nothing to take back twice.
    await new Promise((resolve) => setTimeout(resolve, 12_000));
    expect(removed(hash)).toHaveLength(1);
    expect(told(hash)).toHaveLength(1);
  });

  test('after which the trade stands in another block publishes nothing anew and is put right', async () => {
    const hash = nextHash();
    for (let i = 0; i < 3; i++) trade(hash);
    await whole(hash, 300_000_000n);
    await standsOnChain(hash);
    await under.faults({ reorg: { depth: 5, returnAfter: 8 } });
    await eventually('the removal', () => sizeOf(removed(hash)) === 300_000_000n);
    await eventually(
      'its return',
      async () => {
        const rows = await removalRows(hash);
        return rows.length > 0 && rows.every((row) => row.restored_size_micros === row.size_micros);
      },
      { withinMs: WITHIN_MS },
    );
    expect(sizeOf(told(hash))).toBe(300_000_000n);
    expect(sizeOf(removed(hash))).toBe(300_000_000n);
  });

  test('during which ingest was down is found when it reads again', async () => {
    const hash = nextHash();
    trade(hash);
    await whole(hash);
    await standsOnChain(hash);
    await under.stopIngest();
    await under.faults({ reorg: { depth: 10, returnAfter: null } });
    await under.start();
    await eventually('the removal', () => removed(hash).length > 0, { withinMs: WITHIN_MS });
    expect(await removalRows(hash)).toEqual([{ size_micros: 100_000_000n, restored_size_micros: 0n }]);
  });

  test('of blocks whose logs come back at once changes nothing that lasts', async () => {
    const hash = nextHash();
    trade(hash);
    trade(hash, { size: '50' });
    await whole(hash, 150_000_000n);
    await standsOnChain(hash);
    await under.faults({ reorg: { depth: 5 } });
    await eventually('blocks of another name', async () => {
      const blocks = await under.rows<{ gone: boolean }>(
        'select removed_at is not null as gone from ingest.chain_log where transaction_hash = $1',
        [hash],
      );
      return blocks.some((row) => row.gone) && blocks.some((row) => !row.gone);
    });
    const rows = await removalRows(hash);
    expect(rows.every((row) => row.restored_size_micros === row.size_micros)).toBe(true);
    expect(sizeOf(told(hash))).toBe(150_000_000n);
  });
});
