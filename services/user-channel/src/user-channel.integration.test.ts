import { type Admin, type Bus, connectAdmin, connectBus, ensureTopology, listDead } from '@slipstream/bus';
import { price, shares } from '@slipstream/money';
import {
  type AccountState,
  copyAccountLive,
  copyFillLive,
  copyMarketMeta,
  copyOrderUpdateLive,
  cursorsBucket,
  type FeedSession,
  type Fill,
  feedsBucket,
  interestBucket,
  type OrderUpdate,
} from '@slipstream/proto';
import {
  createLogger,
  type FakeClock,
  fakeClock,
  idleActivity,
  Secret,
  silentLogger,
} from '@slipstream/runtime';
import { eventually, startTestNats, type TestServer } from '@slipstream/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { openFrameProblems } from './frame-problems.ts';
import { AT, aMarket, aVenueFill, aVenueOrder, CONDITION, OURS, TOKEN } from './testing/builders.ts';
import { scriptedExchange } from './testing/scripted-exchange.ts';
import { UserChannel } from './user-channel.ts';

const SECRET = 'the-api-secret';
const PASSPHRASE = 'the-passphrase';

let nats: TestServer;
let admin: Admin;
let bus: Bus;
let exchange: Awaited<ReturnType<typeof scriptedExchange>>;
let clock: FakeClock;
let channel: UserChannel | undefined;
/** Each test has a wallet, a market and an order of its own: the streams are shared. */
let scope = '';
let token = '';
let order = '';
let tests = 0;
const lines: string[] = [];
const fills: Fill[] = [];
const orders: OrderUpdate[] = [];
const accounts: AccountState[] = [];

beforeAll(async () => {
  nats = await startTestNats();
  admin = await connectAdmin({ url: nats.url });
  await ensureTopology(admin, { replicas: 1 });
  bus = await connectBus({
    url: nats.url,
    name: 'user-channel',
    log: silentLogger(),
    activity: idleActivity,
  });
  await bus.tail(copyFillLive, (fill) => void fills.push(fill), { from: 'new' });
  await bus.tail(copyOrderUpdateLive, (update) => void orders.push(update), { from: 'new' });
  await bus.tail(copyAccountLive, (account) => void accounts.push(account), { from: 'new' });
});
afterAll(async () => {
  await bus?.close();
  await admin?.close();
  await nats?.stop();
});
beforeEach(async () => {
  tests += 1;
  scope = `wallet-${tests}`;
  token = `${TOKEN}${tests}`;
  order = `0x${String(tests).repeat(64)}`;
  for (const list of [fills, orders, accounts, lines]) list.length = 0;
  clock = fakeClock(AT);
  exchange = await scriptedExchange();
});
afterEach(async () => {
  await channel?.stop();
  exchange.close();
});

/** Starts the service, as it is or anew. */
async function start(): Promise<UserChannel> {
  const log = createLogger({ service: 'user-channel', level: 'trace', write: (line) => lines.push(line) });
  const opened = new UserChannel({
    service: { name: 'user-channel', clock, log, activity: idleActivity },
    publish: bus.publish,
    account: exchange.account,
    positions: exchange.positions,
    cursors: await bus.bucket(cursorsBucket),
    feeds: await bus.bucket(feedsBucket),
    interest: await bus.bucket(interestBucket),
    problems: openFrameProblems(bus, log),
    url: exchange.url,
    credentials: {
      key: new Secret(OURS.apiKey),
      secret: new Secret(SECRET),
      passphrase: new Secret(PASSPHRASE),
      address: null,
    },
    funder: OURS.wallet,
    scope,
  });
  channel = opened;
  await bus.tail(copyMarketMeta, (meta) => opened.onMeta(meta));
  opened.begin();
  return opened;
}
const know = (): Promise<unknown> =>
  bus.publish(copyMarketMeta, aMarket({ tokenId: token }), {
    correlationId: 'm',
    causationId: 'm',
    traceparent: `00-${'1'.repeat(32)}-${'1'.repeat(16)}-01`,
    hops: {},
  });
const connected = (): Promise<unknown> => eventually('the session', () => channel?.session().ok === true);
const feed = async (): Promise<FeedSession | null> => (await bus.bucket(feedsBucket)).get(`user.${scope}`);
const states = (): readonly string[] => fills.map((fill) => `${fill.fillId} ${fill.status}`);

const tradeEvent = (over: object = {}): object => ({
  event_type: 'trade',
  type: 'TRADE',
  id: `trade-${tests}`,
  taker_order_id: order,
  market: CONDITION,
  asset_id: token,
  side: 'BUY',
  size: '10',
  price: '0.52',
  fee_rate_bps: '0',
  status: 'MATCHED',
  match_time: String(AT.getTime() / 1_000),
  owner: OURS.apiKey,
  trade_owner: OURS.apiKey,
  maker_address: OURS.wallet,
  transaction_hash: '',
  bucket_index: 0,
  maker_orders: [],
  trader_side: 'TAKER',
  ...over,
});
const orderEvent = (over: object = {}): object => ({
  event_type: 'order',
  type: 'PLACEMENT',
  id: order,
  owner: OURS.apiKey,
  market: CONDITION,
  asset_id: token,
  side: 'BUY',
  original_size: '10',
  size_matched: '0',
  price: '0.52',
  status: 'LIVE',
  timestamp: String(AT.getTime()),
  ...over,
});

test('logs in first, and says that it is connected, and not any more', async () => {
  await start();
  await connected();
  expect(exchange.authentications).toEqual([
    { auth: { apiKey: OURS.apiKey, secret: SECRET, passphrase: PASSPHRASE }, type: 'user' },
  ]);
  expect(await eventually('the feed', feed)).toMatchObject({ open: true, sessionId: `user.${scope}` });
  await channel?.stop();
  expect(await feed()).toMatchObject({ open: false });
});

test('publishes each status of a fill once, with its fee, and each step of an order', async () => {
  await know();
  await start();
  await connected();
  exchange.tell(orderEvent());
  for (const status of ['MATCHED', 'MATCHED', 'MINED', 'MATCHED', 'CONFIRMED'])
    exchange.tell(tradeEvent({ status }));
  exchange.tell(orderEvent({ type: 'UPDATE', size_matched: '10', status: 'MATCHED' }));
  await eventually('three fills', () => fills.length === 3);
  await eventually('two steps', () => orders.length === 2);
  expect(states()).toEqual(['MATCHED', 'MINED', 'CONFIRMED'].map((status) => `trade-${tests} ${status}`));
  expect(fills[0]).toMatchObject({
    scope,
    origin: 'UNATTRIBUTED',
    orderId: order,
    notionalMicros: 5_200_000n,
    feeMicros: 124_800n,
  });
  expect(orders).toMatchObject([{ status: 'LIVE' }, { status: 'MATCHED', sizeMatchedMicros: 10_000_000n }]);
});

test('holds a fill until its market is known, asks for the market, and counts as unwell meanwhile', async () => {
  await start();
  await connected();
  exchange.tell(tradeEvent());
  await eventually('the wish', async () => (await bus.bucket(interestBucket)).get(token));
  expect(channel?.markets()).toMatchObject({ ok: false });
  expect(fills).toEqual([]);
  await know();
  await eventually('the fill', () => fills.length === 1);
  expect(channel?.markets()).toMatchObject({ ok: true });
});

test('finds by asking what happened while it was cut off, and while it was not running', async () => {
  await know();
  await start();
  await connected();
  const during = (tradeId: string, seconds: number) =>
    aVenueFill({ tradeId, tokenId: token, matchedAt: new Date(AT.getTime() + seconds * 1_000) });
  exchange.said.fills = [during('cut', 1)];
  exchange.said.open = [aVenueOrder({ orderId: order, tokenId: token })];
  exchange.cut();
  await eventually('the first', () => fills.length === 1 && orders.length === 1);
  await connected();
  await channel?.stop();
  exchange.said.fills = [during('cut', 1), during('away', 2)];
  await clock.advance(60_000);
  await start();
  await eventually('the second', () => states().includes('away MATCHED'));
});

test('takes a socket for deaf that does not tell what the account shows', async () => {
  await know();
  await start();
  await connected();
  exchange.said.fills = [aVenueFill({ tradeId: 'untold', tokenId: token })];
  await clock.advance(15_000);
  await eventually('a second login', () => exchange.authentications.length === 2);
  await connected();
  expect(states()).toEqual(['untold MATCHED']);
});

test('tells what the wallet has when it connects, and again soon after a fill', async () => {
  await know();
  await start();
  await connected();
  await eventually('the account', () => accounts.length === 1);
  exchange.said.cashMicros = 94_675_200n;
  exchange.said.tokens.set(token, 10_000_000n);
  exchange.tell(tradeEvent());
  await eventually('the fill', () => fills.length === 1);
  await clock.advance(1_000);
  await eventually('its effect', () => accounts.at(-1)?.cashMicros === 94_675_200n);
  expect(accounts.at(-1)).toMatchObject({
    scope,
    wallet: OURS.wallet,
    positions: [{ tokenId: token, conditionId: CONDITION, sizeMicros: shares(10_000_000n) }],
  });
});

test('finds our leg where somebody else took, and keeps what is not ours out', async () => {
  await start();
  await connected();
  const maker = {
    order_id: order,
    owner: OURS.apiKey,
    maker_address: OURS.wallet,
    asset_id: token,
    matched_amount: '4',
    price: '0.48',
    side: 'SELL',
  };
  const stranger = {
    owner: 'x',
    trade_owner: 'x',
    maker_address: `0x${'b'.repeat(40)}`,
    trader_side: 'MAKER',
  };
  exchange.tell(tradeEvent({ ...stranger, maker_orders: [maker] }));
  exchange.tell(tradeEvent({ ...stranger, id: 'foreign' }));
  await eventually('the fill', () => fills.length === 1);
  expect(fills).toMatchObject([
    {
      fillId: `trade-${tests}:${order}`,
      side: 'SELL',
      liquidity: 'MAKER',
      sizeMicros: shares(4_000_000n),
      priceMicros: price(480_000n),
      feeMicros: 0n,
    },
  ]);
});

test('keeps no credential anywhere: not in a log line, not in a dead letter', async () => {
  await start();
  await connected();
  exchange.tell({ event_type: 'trade', owner: OURS.apiKey, nonsense: OURS.apiKey });
  const letters = await eventually('the letter', async () => {
    const found = await listDead(admin, { service: 'user-channel' });
    return found.length > 0 ? found : null;
  });
  exchange.cut();
  await eventually('a second login', () => exchange.authentications.length === 2);
  const written = `${lines.join('\n')}${JSON.stringify(letters)}`;
  for (const secret of [SECRET, PASSPHRASE, OURS.apiKey]) expect(written).not.toContain(secret);
});
