import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ANNA,
  BEGIN,
  getJson,
  openMarket,
  openSocket,
  postJson,
  startTestSim,
  type TestSim,
} from '../../test/sim.ts';
import { hashFrom } from '../venue/market.ts';

type Row = { readonly transaction_hash: string; readonly timestamp: number };

describe('administration', () => {
  let sim: TestSim;
  beforeAll(async () => {
    sim = await startTestSim();
  });
  afterAll(() => sim.stop());

  test('makes a burst of fills, several to a transaction', async () => {
    const wallet = sim.wallets[0];
    const { body } = await postJson(`${sim.endpoints.admin}/burst`, { wallet, count: 5, perTransaction: 2 });
    const { trades } = body as { trades: { transactionHash: string; sizeMicros: string }[] };
    expect(trades).toHaveLength(5);
    expect(new Set(trades.map((trade) => trade.transactionHash)).size).toBe(3);
    const page = (await getJson(`${sim.endpoints.data}/v2/activity?user=${wallet}`)).body as { data: Row[] };
    expect(page.data).toHaveLength(5);
    expect(page.data[0]?.timestamp).toBe(BEGIN.getTime() / 1000);
  });

  test.each<[string, unknown]>([
    ['/burst', { wallet: 'me', count: 1 }],
    ['/burst', { wallet: ANNA, count: 0 }],
    [
      '/trade',
      { wallet: ANNA, tokenId: '11', conditionId: hashFrom('c'), side: 'BUY', price: '1.2', size: '1' },
    ],
    [
      '/trade',
      { wallet: ANNA, tokenId: '11', conditionId: hashFrom('c'), side: 'BUY', price: '007', size: '1' },
    ],
    ['/faults', { rtdsRepeat: 0 }],
    ['/market', { name: 'odd-ferry', tick: '0.02' }],
    ['/market', { name: 'odd-ferry', feeRate: '1.5' }],
    ['/market', { name: 'odd-ferry', secondsDelay: -1 }],
    ['/tick', { token: '11', tick: '0.05' }],
    ['/tick', { token: '11', tick: 0.01 }],
    ['/faults', { noSuchFault: true }],
    ['/load', { tradesPerSecond: 0, total: 1 }],
  ])('refuses %s %j with 400', async (path, body) => {
    expect((await postJson(`${sim.endpoints.admin}${path}`, body)).status).toBe(400);
  });

  test('takes a fill of a resting order, which `taker_only` leaves out', async () => {
    const [one] = [...sim.venue.markets.values()];
    const wallet = `0x${'7'.repeat(40)}`;
    const { tokenIds, conditionId } = one ?? openMarket();
    const trade = { wallet, tokenId: tokenIds[0], conditionId, side: 'BUY', price: '0.4', size: '5' };
    await postJson(`${sim.endpoints.admin}/trade`, { ...trade, maker: true });
    const seen = async (query: string) => {
      const { body } = await getJson(`${sim.endpoints.data}/v2/trades?user=${wallet}${query}`);
      return (body as { data: Row[] }).data.length;
    };
    expect([await seen(''), await seen('&taker_only=false')]).toEqual([0, 1]);
  });

  test('takes the book of a market whose outcome is claimed, before it pays', async () => {
    const [, two] = [...sim.venue.markets.values()];
    const body = { conditionId: two?.conditionId };
    expect((await postJson(`${sim.endpoints.admin}/propose`, body)).status).toBe(200);
    expect((await postJson(`${sim.endpoints.admin}/propose`, body)).status).toBe(404);
    const { clob, gamma, data: api } = sim.endpoints;
    expect((await getJson(`${clob}/book?token_id=${two?.tokenIds[0]}`)).status).toBe(404);
    expect((await getJson(`${clob}/markets/${two?.conditionId}`)).body).toMatchObject({
      closed: false,
      accepting_orders: false,
    });
    expect((await getJson(`${gamma}/markets?condition_ids=${two?.conditionId}`)).body).toMatchObject([
      { closed: false, acceptingOrders: false, umaResolutionStatus: 'proposed' },
    ]);
    expect((await getJson(`${api}/v2/resolutions?condition=${two?.conditionId}`)).body).toMatchObject({
      data: [{ status: 'proposed', payouts: null, resolved_at: null }],
    });
    expect((await postJson(`${sim.endpoints.admin}/resolve`, { ...body, payouts: ['1', '1'] })).status).toBe(
      200,
    );
  });

  test('redeems what a wallet holds of a resolved market, once', async () => {
    const [, , three] = [...sim.venue.markets.values()];
    const { conditionId, tokenIds } = three ?? openMarket();
    await postJson(`${sim.endpoints.admin}/faults`, { autoRedeem: false });
    await postJson(`${sim.endpoints.admin}/fund`, { address: ANNA, tokens: { [tokenIds[0]]: '5' } });
    const redeem = () => postJson(`${sim.endpoints.admin}/redeem`, { address: ANNA, conditionId });
    expect((await redeem()).status).toBe(404);
    await postJson(`${sim.endpoints.admin}/resolve`, { conditionId, payouts: ['1', '0'] });
    expect(await redeem()).toEqual({ status: 200, body: { redeemed: conditionId } });
    expect((await redeem()).status).toBe(404);
    const { accounts } = (await getJson(`${sim.endpoints.admin}/books`)).body as {
      accounts: { address: string; cashMicros: string }[];
    };
    expect(accounts.find(({ address }) => address === ANNA)?.cashMicros).toBe('5000000');
  });

  test('opens a market of a kind that is asked for, and tells of its ticks from then on', async () => {
    const { admin, clob, gamma } = sim.endpoints;
    const open = (body: object) => postJson(`${admin}/market`, body);
    const opened = await open({
      name: 'fast-ferry',
      tick: '0.0025',
      negRisk: true,
      feeRate: '0.07',
      category: 'crypto',
      minSize: '1',
      secondsDelay: 3,
    });
    const { conditionId } = opened.body as { conditionId: string };
    const info = async () => (await getJson(`${clob}/clob-markets/${conditionId}`)).body;
    expect(await info()).toMatchObject({
      mts: '0.0025',
      mos: 1,
      nr: true,
      fd: { r: 0.07 },
      sd: 3,
      v: 'v1',
    });
    expect((await getJson(`${gamma}/markets/slug/fast-ferry`)).body).toMatchObject({
      feeType: 'crypto_fees_v2',
      secondsDelay: 3,
    });
    const { t } = (await info()) as { t: { t: string }[] };
    const tokens = t.map((one) => one.t);
    const socket = await openSocket(`${sim.endpoints.ws}/market`);
    socket.say({ type: 'market', assets_ids: tokens, initial_dump: false });
    await socket.settle();
    expect((await postJson(`${admin}/tick`, { token: tokens[1], tick: '0.001' })).status).toBe(200);
    await socket.settle();
    expect(socket.heard.map((text) => JSON.parse(text))).toMatchObject(
      tokens.map((asset_id) => ({
        event_type: 'tick_size_change',
        asset_id,
        old_tick_size: '0.0025',
        new_tick_size: '0.001',
      })),
    );
    socket.close();
    expect(await info()).toMatchObject({ mts: '0.001' });
    expect((await getJson(`${clob}/tick-size/${tokens[0]}`)).body).toEqual({ minimum_tick_size: 0.001 });
    expect((await postJson(`${admin}/tick`, { token: '1', tick: '0.01' })).status).toBe(404);
  });

  test('resolves a market once', async () => {
    const [one] = [...sim.venue.markets.values()];
    const body = { conditionId: one?.conditionId, payouts: ['1', '0'] };
    expect((await postJson(`${sim.endpoints.admin}/resolve`, body)).status).toBe(200);
    expect((await postJson(`${sim.endpoints.admin}/resolve`, body)).status).toBe(404);
    const book = await getJson(`${sim.endpoints.clob}/book?token_id=${one?.tokenIds[0]}`);
    expect(book.status).toBe(404);
    const url = `${sim.endpoints.data}/v2/resolutions?condition=${one?.conditionId}`;
    expect((await getJson(url)).body).toMatchObject({
      data: [{ status: 'resolved', payouts: ['1000000', '0'] }],
    });
  });
});
