import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ANNA, BEGIN, getJson, openMarket, postJson, startTestSim, type TestSim } from '../../test/sim.ts';
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
      data: [{ status: 'proposed', payouts: [], resolved_at: null }],
    });
    expect((await postJson(`${sim.endpoints.admin}/resolve`, { ...body, payouts: ['1', '1'] })).status).toBe(
      200,
    );
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
