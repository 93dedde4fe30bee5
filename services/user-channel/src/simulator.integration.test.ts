import { type Admin, type Bus, connectAdmin, connectBus, ensureTopology, newTrace } from '@slipstream/bus';
import { openAccount } from '@slipstream/exchange/account-client';
import { openPositions } from '@slipstream/exchange/public-client';
import { parsePrice, shares } from '@slipstream/money';
import {
  type AccountState,
  copyAccountLive,
  copyFillLive,
  copyMarketMeta,
  copyOrderUpdateLive,
  cursorsBucket,
  type Fill,
  feedsBucket,
  interestBucket,
  type OrderUpdate,
} from '@slipstream/proto';
import { idleActivity, Secret, type StoppableClock, silentLogger, wallClock } from '@slipstream/runtime';
import { KeyStore, type RunningSim, SIM_WALLETS, startSimExchange } from '@slipstream/sim-exchange';
import { eventually, startTestNats, type TestServer } from '@slipstream/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { aMarket } from './testing/builders.ts';
import { UserChannel } from './user-channel.ts';

const [OURS, THEIRS] = SIM_WALLETS;

let nats: TestServer;
let admin: Admin;
let bus: Bus;
let sim: RunningSim;
let clock: StoppableClock;
let channel: UserChannel;
let closeExchange: () => Promise<unknown>;
let token = '';
const fills: Fill[] = [];
const orders: OrderUpdate[] = [];
const accounts: AccountState[] = [];

const ask = async (path: string, body: object): Promise<Record<string, unknown>> => {
  const reply = await fetch(`${sim.endpoints.admin}${path}`, { method: 'POST', body: JSON.stringify(body) });
  expect(reply.status).toBe(200);
  return reply.json() as Promise<Record<string, unknown>>;
};
const faults = (over: object): Promise<unknown> => ask('/faults', over);
/** An order as a wallet's owner would place it by hand. */
const order = async (over: object): Promise<string> => {
  const placed = await ask('/order', { address: OURS?.address, tokenId: token, side: 'BUY', ...over });
  if (placed['kind'] !== 'accepted') throw new Error(JSON.stringify(placed));
  return String(placed['id']);
};
const buy = (size: string): Promise<string> => order({ price: '0.99', size });
const connected = (): Promise<unknown> => eventually('the session', () => channel.session().ok);
const statesOf = (orderId: string): readonly string[] =>
  fills.filter((fill) => fill.orderId === orderId).map((fill) => fill.status);
const until = (orderId: string, status: string): Promise<unknown> =>
  eventually(`${status} of ${orderId}`, () => statesOf(orderId).includes(status), { withinMs: 30_000 });
const sum = (numbers: readonly bigint[]): bigint => numbers.reduce((a, b) => a + b, 0n);

beforeAll(async () => {
  nats = await startTestNats();
  admin = await connectAdmin({ url: nats.url });
  await ensureTopology(admin, { replicas: 1 });
  const log = silentLogger();
  bus = await connectBus({ url: nats.url, name: 'user-channel', log, activity: idleActivity });
  await bus.tail(copyFillLive, (fill) => void fills.push(fill));
  await bus.tail(copyOrderUpdateLive, (update) => void orders.push(update));
  await bus.tail(copyAccountLive, (account) => void accounts.push(account));
  clock = wallClock(idleActivity, log);
  sim = await startSimExchange({
    clock,
    busy: idleActivity,
    tape: null,
    seed: 1,
    wallets: 1,
    rate: 0,
    port: 0,
    speed: 1,
    silenceMaxMs: 2_000,
    loop: false,
    pass: 0,
    hold: true,
    singleObjects: false,
    clobVersion: 2,
  });
  const market = [...sim.venue.markets.values()].find((m) => sim.venue.book(m.tokenIds[0]) !== null);
  if (market === undefined || OURS === undefined) throw new Error('the simulator has no market or no wallet');
  [token] = market.tokenIds;
  const { conditionId, feeRateMicros, feeExponent } = market;
  const meta = aMarket({ tokenId: token, conditionId, feeRateMicros, feeExponent });
  await bus.publish(copyMarketMeta, meta, newTrace('market'));
  await faults({ minedAfterMs: 200, confirmedAfterMs: 400 });

  const { key, secret, passphrase } = KeyStore.of(OURS.address, '0');
  const credentials = {
    key: new Secret(key),
    secret: new Secret(secret),
    passphrase: new Secret(passphrase),
    address: OURS.address,
  };
  const { address, funder, signatureType } = OURS;
  const { clob, data, ws } = sim.endpoints;
  const account = openAccount({ clobUrl: clob, address, credentials, funder, signatureType, now: clock.now });
  const positions = openPositions({ dataUrl: data });
  closeExchange = () => Promise.all([account.close(), positions.close()]);
  channel = new UserChannel({
    service: { name: 'user-channel', clock, log, activity: idleActivity },
    publish: bus.publish,
    account,
    positions,
    cursors: await bus.bucket(cursorsBucket),
    feeds: await bus.bucket(feedsBucket),
    interest: await bus.bucket(interestBucket),
    problems: (text, why) => {
      throw new Error(`${why}: ${text}`);
    },
    url: `${ws}/user`,
    credentials,
    funder,
    scope: 'EXEC_GLOBAL',
    pace: { pingEveryMs: 500, silenceMs: 1_500, steadyMs: 30_000 },
  });
  await bus.tail(copyMarketMeta, (message) => channel.onMeta(message));
  channel.begin();
});
afterAll(async () => {
  await channel?.stop();
  await clock?.stop();
  await closeExchange?.();
  await sim?.stop();
  await bus?.close();
  await admin?.close();
  await nats?.stop();
});
beforeEach(connected);

describe('against the simulated exchange', () => {
  test('a purchase is told until it is confirmed, and the account becomes what the exchange has', async () => {
    await eventually('the account', () => accounts.length > 0);
    const before = accounts.at(-1);
    const id = await buy('20');
    await until(id, 'CONFIRMED');
    const mine = fills.filter((fill) => fill.orderId === id && fill.status === 'CONFIRMED');
    expect(new Set(statesOf(id))).toEqual(new Set(['MATCHED', 'MINED', 'CONFIRMED']));
    const bought = sum(mine.map((fill) => fill.sizeMicros));
    const paid = sum(mine.map((fill) => fill.notionalMicros + fill.feeMicros));
    expect(bought).toBeGreaterThan(0n);
    const state = await eventually('the effect', () =>
      accounts.findLast(({ positions }) => positions.some(({ tokenId }) => tokenId === token)),
    );
    const settled = await eventually('all of it', () => {
      const last = accounts.at(-1);
      return last?.positions.find(({ tokenId }) => tokenId === token)?.sizeMicros === bought ? last : null;
    });
    expect(state.wallet).toBe(OURS?.funder);
    // Our sums are rounded against us, by less than a micro a fill.
    const moved = (before?.cashMicros ?? 0n) - settled.cashMicros;
    expect(paid - moved).toBeGreaterThanOrEqual(0n);
    expect(paid - moved).toBeLessThanOrEqual(BigInt(mine.length) * 25n);
  });

  test('a fill that the chain fails is told to have failed', async () => {
    await faults({ settlement: 'reverted' });
    const id = await buy('10');
    await faults({ settlement: 'normal' });
    await until(id, 'FAILED');
    expect(statesOf(id).at(-1)).toBe('FAILED');
    expect(statesOf(id)[0]).toBe('MATCHED');
  });

  test('events that come twice and out of order are told once, and never backwards', async () => {
    await faults({ userRepeat: 3, userSwapped: true });
    const id = await buy('10');
    await until(id, 'CONFIRMED');
    await faults({ userRepeat: 1, userSwapped: false });
    const trades = new Set(fills.filter((fill) => fill.orderId === id).map((fill) => fill.fillId));
    for (const fillId of trades) {
      const told = fills.filter((fill) => fill.fillId === fillId).map((fill) => fill.status);
      expect(new Set(told).size).toBe(told.length);
      expect(told.at(-1)).toBe('CONFIRMED');
    }
  });

  test('what happens while the socket is cut is found again', async () => {
    await faults({ dropUserSockets: true });
    const id = await buy('10');
    await until(id, 'CONFIRMED');
    await connected();
  });

  test('what a frozen socket does not tell is found again, and the session is not said to live', async () => {
    await faults({ userFrozen: true });
    const id = await buy('10');
    await eventually('the session’s end', () => !channel.session().ok);
    const feed = await (await bus.bucket(feedsBucket)).get('user.EXEC_GLOBAL');
    expect(feed).toMatchObject({ open: false });
    await faults({ userFrozen: false });
    await until(id, 'CONFIRMED');
    await connected();
  });

  test('a resting order is told when it is placed and when it is met, and its fill is a maker’s, without a fee', async () => {
    await ask('/fund', { address: THEIRS?.address, tokens: { [token]: '1000000' } });
    const book = await fetch(`${sim.endpoints.clob}/book?token_id=${token}`);
    const { bids } = (await book.json()) as { readonly bids: readonly { readonly price: string }[] };
    // The best comes last. Whoever stood there before us is met first.
    const at = bids.at(-1)?.price ?? '';
    const id = await order({ orderType: 'GTC', price: at, size: '10' });
    await eventually('its placement', () => orders.some((o) => o.clobOrderId === id && o.status === 'LIVE'));
    await order({ address: THEIRS?.address, side: 'SELL', price: at, size: '1000000' });
    await until(id, 'CONFIRMED');
    const [fill] = fills.filter((f) => f.orderId === id);
    expect(fill).toMatchObject({
      side: 'BUY',
      liquidity: 'MAKER',
      feeMicros: 0n,
      sizeMicros: shares(10_000_000n),
      priceMicros: parsePrice(at),
    });
    expect(fill?.fillId.endsWith(`:${id}`)).toBe(true);
    await eventually('its end', () => orders.some((o) => o.clobOrderId === id && o.status === 'MATCHED'));
  });
});
