import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  getJson,
  openMarket,
  postJson,
  recordings,
  startTestSim,
  type TestSim,
  viewOf,
} from '../../test/sim.ts';
import { Venue } from '../venue/venue.ts';
import { gammaMarketRow } from './gamma-rows.ts';
import { bookHash, bookPayload, clobMarketInfo, clobMarketRow } from './shapes.ts';

const data = recordings();
const recorded = (path: string) => {
  const bytes = readFileSync(join(data ?? '', path));
  return JSON.parse((path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString());
};
const keys = (value: object): string[] => Object.keys(value).sort();

function openVenue() {
  const venue = new Venue();
  const market = openMarket();
  venue.addMarket(market);
  venue.replaceBook(market.tokenIds[0], viewOf({ 44: 10, 45: 20 }, { 46: 30, 48: 40 }), 1_000);
  const book = venue.book(market.tokenIds[0]);
  if (!book) throw new Error('no book');
  return { venue, market, book };
}

describe.skipIf(data === null)('shapes as recorded', () => {
  test('the hash of a book is the one that the official client computes', () => {
    for (const { book, hash } of recorded('vectors/book-hash.json').vectors)
      expect(bookHash(book)).toBe(hash);
  });

  test('a book has the keys of a recorded one', () => {
    const { market, book } = openVenue();
    const payload = bookPayload(market, market.tokenIds[0], book.view, 1_000);
    const [first] = recorded('messages/rest/fed-june-clob-books.json.gz');
    expect(keys(payload)).toEqual(expect.arrayContaining(keys(first).filter((key) => key !== 'raw')));
    expect(keys(payload.bids[0] ?? {})).toEqual(['price', 'size']);
  });

  test('a market row has every field of a recorded one', () => {
    const { venue, market } = openVenue();
    const wanted = recorded('messages/rest/nautilus-clob_market_closed_binary_accepting_false.json');
    const row = clobMarketRow(venue, market);
    expect(keys(row)).toEqual(expect.arrayContaining(keys(wanted)));
    expect(keys(row.tokens[0] ?? {})).toEqual(expect.arrayContaining(keys(wanted.tokens[0])));
  });

  test('a short row has every field of a recorded one', () => {
    const [wanted] = recorded('messages/rest/fed-june-clob-markets.json');
    const { venue, market } = openVenue();
    const row = clobMarketInfo(venue, market);
    expect(keys(row)).toEqual(expect.arrayContaining(keys(wanted)));
    expect(keys(row.fd)).toEqual(keys(wanted.fd));
    expect(keys(row.r)).toEqual(expect.arrayContaining(keys(wanted.r)));
  });

  test('Gamma names its fields and writes them as strings where a recorded row does', () => {
    const { venue, market } = openVenue();
    const wanted = recorded('messages/gamma/nautilus-gamma_market.json');
    const row = gammaMarketRow(venue, market);
    for (const key of ['outcomes', 'outcomePrices', 'clobTokenIds', 'conditionId', 'slug', 'id'] as const)
      expect(typeof row[key]).toBe(typeof wanted[key]);
    for (const key of ['closed', 'active', 'negRisk', 'orderPriceMinTickSize', 'orderMinSize'] as const)
      expect(typeof row[key]).toBe(typeof wanted[key]);
  });
});

describe('shapes', () => {
  test('prices stand best last on both sides, as text', () => {
    const { market, book } = openVenue();
    const payload = bookPayload(market, market.tokenIds[0], book.view, 1_000);
    expect(payload.bids.map((level) => level.price)).toEqual(['0.44', '0.45']);
    expect(payload.asks.map((level) => level.price)).toEqual(['0.48', '0.46']);
  });

  test('the short row has the short names', () => {
    const { venue, market } = openVenue();
    expect(keys(clobMarketInfo(venue, market))).toEqual(
      'ao aot c cbos fd gst ibce itode mbf mos mts nr oas r rfqe sd t tbf v'.split(' '),
    );
  });

  test('Gamma writes JSON inside strings', () => {
    const { venue, market } = openVenue();
    const row = gammaMarketRow(venue, market);
    expect(JSON.parse(row.outcomes)).toEqual(market.outcomes);
    expect(JSON.parse(row.clobTokenIds)).toEqual(market.tokenIds);
    expect(JSON.parse(row.outcomePrices)).toEqual(['0.455', '0.545']);
  });

  test('delays are those that the trading side has in force', () => {
    const { venue, market } = openVenue();
    const delays = () => {
      const { sd, itode } = clobMarketInfo(venue, market);
      return [
        sd,
        itode,
        clobMarketRow(venue, market).seconds_delay,
        gammaMarketRow(venue, market).secondsDelay,
      ];
    };
    expect(delays()).toEqual([0, false, 0, 0]);
    venue.delays = { secondsDelay: { '*': 3 }, itodeHoldMs: 50 };
    expect(delays()).toEqual([3, true, 3, 3]);
    venue.delays = { secondsDelay: { '*': 3, [market.conditionId]: 1 }, itodeHoldMs: 0 };
    expect(delays()).toEqual([1, false, 1, 1]);
  });

  test('a market that paid half each has no winner', () => {
    const { venue, market } = openVenue();
    venue.resolve(market.conditionId, [1n, 1n], 2n, 2_000);
    const row = clobMarketRow(venue, market);
    expect(row).toMatchObject({ closed: true, accepting_orders: false, is_50_50_outcome: true });
    expect(row.tokens.map((token) => [token.price, token.winner])).toEqual([
      [0.5, false],
      [0.5, false],
    ]);
  });
});

describe('the REST interface', () => {
  let sim: TestSim;
  beforeAll(async () => {
    sim = await startTestSim();
  });
  afterAll(() => sim.stop());
  const get = async (path: string) => getJson(`${sim.endpoints.clob}${path}`);

  test('quotes both tokens from one book', async () => {
    const [market] = [...sim.venue.markets.values()];
    const [yes, no] = market?.tokenIds ?? ['', ''];
    const price = async (token: string, side: string) =>
      Number(((await get(`/price?token_id=${token}&side=${side}`)).body as { price: string }).price);
    expect((await price(yes, 'BUY')) + (await price(no, 'SELL'))).toBeCloseTo(1, 9);
    expect(await price(yes, 'BUY')).toBeLessThan(await price(yes, 'SELL'));
  });

  test.each(['/book?token_id=1', '/markets/0x1', '/clob-markets/0x1', '/constructor', '/toString', '/x/y/z'])(
    'answers 404 with an error to %s',
    async (path) => {
      const { status, body } = await get(path);
      expect(status).toBe(404);
      expect(body).toEqual({ error: expect.any(String) });
    },
  );

  test.each([
    ['/price', 400, 'Invalid token id'],
    ['/price?token_id=TOKEN', 400, 'Invalid side'],
    ['/price?token_id=TOKEN&side=HOLD', 400, 'Invalid side'],
    ['/price?token_id=1&side=BUY', 404, 'No orderbook exists for the requested token id'],
    ['/midpoint', 400, 'Invalid token id'],
    ['/spread', 400, 'Invalid token id'],
    ['/last-trade-price', 400, 'Invalid token id'],
    ['/book', 400, 'Invalid token id'],
    ['/tick-size', 400, 'Invalid token id'],
    ['/tick-size/1', 404, 'market not found'],
  ])('answers %s with %i and %s', async (path, status, error) => {
    const [market] = [...sim.venue.markets.values()];
    const answer = await get(path.replace('TOKEN', market?.tokenIds[0] ?? ''));
    expect(answer).toMatchObject({ status, body: { error } });
  });

  test('takes a side in any case of letters', async () => {
    const [market] = [...sim.venue.markets.values()];
    const price = async (side: string) =>
      (await get(`/price?token_id=${market?.tokenIds[0]}&side=${side}`)).body;
    expect(await price('sell')).toEqual(await price('SELL'));
    expect(await price('buy')).not.toEqual(await price('SELL'));
    const many = (side?: string) =>
      postJson(`${sim.endpoints.clob}/prices`, [{ token_id: market?.tokenIds[0], side }]);
    expect((await many('buy')).body).toEqual({
      [market?.tokenIds[0] ?? '']: { BUY: ((await price('BUY')) as { price: string }).price },
    });
    expect(await many()).toMatchObject({ status: 400, body: { error: 'Invalid side' } });
  });

  test('knows the rules of a token by path as by query', async () => {
    for (const market of [...sim.venue.markets.values()].slice(0, 4))
      for (const [name, rule] of [
        ['tick-size', { minimum_tick_size: Number(market.tickMicros) / 1e6 }],
        ['neg-risk', { neg_risk: market.negRisk }],
        ['fee-rate', { base_fee: market.feeRateMicros > 0n ? 1000 : 0 }],
      ] as const) {
        expect((await get(`/${name}/${market.tokenIds[1]}`)).body).toEqual(rule);
        expect((await get(`/${name}?token_id=${market.tokenIds[1]}`)).body).toEqual(rule);
      }
  });

  test('tells a market’s live activity', async () => {
    const [market] = [...sim.venue.markets.values()];
    if (market === undefined) throw new Error('no market');
    expect((await get(`/markets/live-activity/${market.conditionId}`)).body).toMatchObject({
      condition_id: market.conditionId,
      market_slug: market.slug,
      event_slug: market.eventSlug,
    });
    for (const [n, price] of ['0.41', '0.42'].entries())
      sim.venue.trade({
        wallet: sim.wallets[0] ?? '',
        tokenId: market.tokenIds[0],
        conditionId: market.conditionId,
        side: 'BUY',
        price,
        size: '10',
        transactionHash: `0x${String(n).repeat(64)}`,
        atMs: 5_000 + n,
      });
    expect((await get(`/live-activity/events/${market.conditionId}`)).body).toMatchObject([
      { price: '0.42', market: { asset_id: market.tokenIds[0] }, user: { address: sim.wallets[0] } },
      { price: '0.41', transaction_hash: `0x${'0'.repeat(64)}`, timestamp: '5' },
    ]);
    expect((await get('/markets/live-activity/0x1')).status).toBe(404);
  });

  test('gives the history of several tokens at once, mirrored', async () => {
    const [, market] = [...sim.venue.markets.values()];
    if (market === undefined) throw new Error('no market');
    const [yes, no] = market.tokenIds;
    sim.venue.trade({
      wallet: sim.wallets[0] ?? '',
      tokenId: yes,
      conditionId: market.conditionId,
      side: 'BUY',
      price: '0.41',
      size: '10',
      transactionHash: `0x${'c'.repeat(64)}`,
      atMs: 65_000,
    });
    const ask = (body: object) => postJson(`${sim.endpoints.clob}/batch-prices-history`, body);
    expect((await ask({ markets: [yes, no, '1'], start_ts: 0, end_ts: 100 })).body).toEqual({
      history: { [yes]: [{ t: 65, p: 0.41 }], [no]: [{ t: 65, p: 0.59 }], 1: [] },
    });
    expect((await ask({ markets: [] })).status).toBe(400);
    expect((await ask({ markets: [yes], interval: '1y' })).status).toBe(400);
  });

  test('tells the delays that the switches have in force', async () => {
    const [market] = [...sim.venue.markets.values()];
    const { admin, gamma } = sim.endpoints;
    const told = async () => [
      ((await get(`/clob-markets/${market?.conditionId}`)).body as { sd: number }).sd,
      ((await get(`/clob-markets/${market?.conditionId}`)).body as { itode: boolean }).itode,
      ((await get(`/markets/${market?.conditionId}`)).body as { seconds_delay: number }).seconds_delay,
      ((await getJson(`${gamma}/markets/slug/${market?.slug}`)).body as { secondsDelay: number })
        .secondsDelay,
    ];
    await postJson(`${admin}/faults`, {
      secondsDelay: { [market?.conditionId ?? '']: 3 },
      itodeHoldMs: 50,
    });
    expect(await told()).toEqual([3, true, 3, 3]);
    await postJson(`${admin}/faults`, { secondsDelay: {}, itodeHoldMs: 0 });
    expect(await told()).toEqual([0, false, 0, 0]);
  });

  test('says another version on request', async () => {
    const { admin } = sim.endpoints;
    await postJson(`${admin}/faults`, { saidVersion: 7 });
    expect((await get('/version')).body).toEqual({ version: 7 });
    await postJson(`${admin}/faults`, { saidVersion: 0 });
    expect((await get('/version')).body).toEqual({ version: 2 });
  });

  test('pages markets and stops at the end', async () => {
    const page = (await get('/markets')).body as { data: object[]; next_cursor: string; count: number };
    expect(page).toMatchObject({ count: sim.venue.markets.size, next_cursor: 'LTE=' });
    expect((await get('/markets?next_cursor=LTE=')).body).toMatchObject({ count: 0, next_cursor: 'LTE=' });
    expect((await get('/markets?next_cursor=zzzz')).status).toBe(400);
  });

  test('never sends a number with an exponent', async () => {
    for (const path of ['/markets', '/simplified-markets', '/gamma/markets?limit=100'])
      expect(JSON.stringify((await get(path)).body)).not.toMatch(/[:[]-?\d+(\.\d+)?e-?\d/);
  });

  test('refuses a body that is not JSON', async () => {
    const answer = await fetch(`${sim.endpoints.clob}/books`, { method: 'POST', body: '{' });
    expect(answer.status).toBe(400);
  });
});
