import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { getJson, openMarket, recordings, startTestSim, type TestSim, viewOf } from '../../test/sim.ts';
import { Venue } from '../venue/venue.ts';
import { bookHash, bookPayload, clobMarketInfo, clobMarketRow, gammaMarketRow } from './shapes.ts';

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
    const row = clobMarketInfo(openMarket());
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
    expect(keys(clobMarketInfo(openMarket()))).toEqual(
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

  test('Gamma finds markets by condition, token and slug', async () => {
    const [market] = [...sim.venue.markets.values()];
    const find = async (query: string) => (await getJson(`${sim.endpoints.gamma}${query}`)).body;
    const row = { conditionId: market?.conditionId };
    expect(await find(`/markets?condition_ids=${market?.conditionId}`)).toMatchObject([row]);
    expect(await find(`/markets?clob_token_ids=${market?.tokenIds[1]}`)).toMatchObject([row]);
    expect(await find(`/markets/slug/${market?.slug}`)).toMatchObject(row);
    expect(await find('/markets/keyset?limit=3')).toMatchObject({
      markets: { length: 3 },
      next_cursor: expect.any(String),
    });
  });
});
