import { type Admin, type Bus, connectAdmin, connectBus, ensureTopology } from '@slipstream/bus';
import { openPublicClient, type PublicClient } from '@slipstream/exchange/public-client';
import { configBucket, configKeyOf, exposuresBucket, INITIAL_RULES, ModeConfig } from '@slipstream/proto';
import { fakeClock, idleActivity, silentLogger } from '@slipstream/runtime';
import { type RunningSim, startSimExchange } from '@slipstream/sim-exchange';
import { startTestNats, type TestServer } from '@slipstream/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLeaderExposure } from './leader-exposure.ts';

const AT = new Date('2026-06-01T12:00:00.000Z');
const LEADER = 'anna';

let nats: TestServer;
let admin: Admin;
let bus: Bus;
let sim: RunningSim;
let client: PublicClient;

beforeAll(async () => {
  nats = await startTestNats();
  admin = await connectAdmin({ url: nats.url });
  await ensureTopology(admin, { replicas: 1 });
  bus = await connectBus({ url: nats.url, name: 'ingest', log: silentLogger(), activity: idleActivity });
  sim = await startSimExchange({
    clock: fakeClock(AT),
    busy: idleActivity,
    tape: null,
    seed: 1,
    wallets: 2,
    rate: 60,
    port: 0,
    speed: 1,
    silenceMaxMs: 2_000,
    loop: false,
    pass: 0,
    hold: true,
    singleObjects: false,
  });
  const { clob, data, gamma } = sim.endpoints;
  client = openPublicClient({ clobUrl: clob, dataUrl: data, gammaUrl: gamma });
});

afterAll(async () => {
  await client?.close();
  await sim?.stop();
  await bus?.close();
  await admin?.close();
  await nats?.stop();
});

/** A resolved market's shares are worth a whole dollar each, or nothing. */
function holdWinners(wallet: string, size: string): void {
  const market = [...sim.venue.markets.values()][0];
  if (market === undefined) throw new Error('the simulator has no market');
  const { conditionId, tokenIds } = market;
  const transactionHash = `0x${wallet.slice(2).padStart(64, '0')}`;
  const bought = { side: 'BUY', price: '0.5', size, transactionHash, atMs: AT.getTime() } as const;
  sim.venue.trade({ wallet, conditionId, tokenId: tokenIds[0], ...bought });
  if (market.state !== 'resolved') sim.venue.resolve(conditionId, [1n, 0n], 1n, AT.getTime());
}

test.each([
  ['v2', false],
  ['v1', true],
])(
  'what a leader’s wallets hold is kept in the bucket, read from %s of the Data API',
  async (_version, dataV2Gone) => {
    const faults = { method: 'POST', body: JSON.stringify({ dataV2Gone }) };
    expect((await fetch(`${sim.endpoints.admin}/faults`, faults)).status).toBe(200);
    if (!dataV2Gone) for (const wallet of sim.wallets) holdWinners(wallet, '10.5');
    const rules = {
      ...INITIAL_RULES,
      sizing: { ...INITIAL_RULES.sizing, sizingMode: 'budgetedDynamic', budgetMicros: '1000000000' },
    };
    const document = ModeConfig.parse({
      mode: 'PAPER',
      leaderId: null,
      version: 1,
      changedAt: AT.toISOString(),
      changedBy: 'test',
      rules,
    });
    const config = await bus.bucket(configBucket);
    await config.put(configKeyOf('PAPER', null), document);
    const exposures = await bus.bucket(exposuresBucket);
    await exposures.delete(LEADER);
    const clock = fakeClock(AT);
    const exposure = await openLeaderExposure({
      client,
      followed: {
        wallets: () => sim.wallets,
        ownerOf: () => ({ leaderId: LEADER, followedAtMs: AT.getTime() }),
      },
      config,
      exposures,
      clock,
      log: silentLogger(),
    });
    await clock.advance(0);
    expect(await exposures.get(LEADER)).toEqual({
      leaderId: LEADER,
      exposureMicros: 21_000_000n,
      asOf: AT.toISOString(),
    });
    await exposure.stop();
  },
);
