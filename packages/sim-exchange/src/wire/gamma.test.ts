import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  BEGIN,
  getJson,
  openMarket,
  recordings,
  startTestSim,
  type TestSim,
  viewOf,
} from '../../test/sim.ts';
import type { Market } from '../venue/market.ts';
import { Venue } from '../venue/venue.ts';
import { eventId, gammaEventRow, gammaMarketRow, marketId } from './gamma-rows.ts';

const data = recordings();
const recorded = (name: string) => JSON.parse(readFileSync(join(data ?? '', 'messages/gamma', name), 'utf8'));

function rowOf(more: Partial<Market> = {}) {
  const venue = new Venue();
  const market = { ...openMarket(), ...more };
  venue.addMarket(market);
  venue.replaceBook(market.tokenIds[0], viewOf({ 44: 10, 45: 20 }, { 46: 30, 48: 40 }), 1_000);
  return { venue, market, row: () => gammaMarketRow(venue, market) };
}

describe('a row of Gamma', () => {
  test.each([
    ['crypto', 70_000, 'crypto_fees_v2', 0.2],
    [undefined, 70_000, 'crypto_fees_v2', 0.2],
    ['sports', 50_000, 'sports_fees_v3', 0.15],
    ['sports', 30_000, 'sports_fees_v2', 0.15],
    [undefined, 40_000, 'politics_fees', 0.25],
    [undefined, 50_000, 'general_fees', 0.25],
    [undefined, 0, null, 0.25],
  ] as const)(
    'of category %s at %d millionths has fees of type %s and gives %d of them back',
    (category, rate, feeType, rebateRate) => {
      const { row } = rowOf({ ...(category && { category }), feeRateMicros: BigInt(rate) });
      expect(row()).toMatchObject({
        feesEnabled: rate > 0,
        feeType,
        feeSchedule: { rate: rate / 1e6, exponent: 1, takerOnly: true, rebateRate },
      });
    },
  );

  test('has the best prices of its first outcome while there is a book', () => {
    const { venue, market, row } = rowOf();
    expect(row()).toMatchObject({ bestBid: 0.45, bestAsk: 0.46 });
    venue.resolve(market.conditionId, [1n, 0n], 1n, 2_000);
    expect(row()).toMatchObject({ bestBid: null, bestAsk: null, closed: true });
  });

  test('may list position ids without trading with them', () => {
    const positionIds = ['11', '12'] as const;
    expect(rowOf({ positionIds }).row()).toMatchObject({ version: 'v1', positionIds });
    expect(rowOf().row()).toMatchObject({ version: 'v1', positionIds: null });
    const { market, row } = rowOf({ version: 'v2' });
    expect(row()).toMatchObject({ version: 'v2', positionIds: market.tokenIds, resolutionStatus: 'active' });
  });

  test('names what the neg-risk markets of an event have in common', () => {
    const { venue, market } = rowOf({ negRisk: true });
    const sister: Market = { ...openMarket('sister'), negRisk: true, eventSlug: market.eventSlug };
    venue.addMarket(sister);
    const row = gammaMarketRow(venue, market);
    expect(row.negRiskMarketID).toMatch(/^0x[0-9a-f]{62}00$/);
    expect(gammaMarketRow(venue, sister).negRiskMarketID).toBe(row.negRiskMarketID);
    expect(rowOf().row().negRiskMarketID).toBe('');
  });

  test('of an event has its markets, and is closed once they are', () => {
    const { venue, market } = rowOf();
    const sister: Market = { ...openMarket('sister'), eventSlug: market.eventSlug, endsAtMs: 86_400_000 };
    venue.addMarket(sister);
    venue.resolve(market.conditionId, [1n, 0n], 1n, 2_000);
    const event = gammaEventRow(venue, market.eventSlug);
    expect(Object.keys(event)).toEqual(
      'id slug title active closed negRisk startDate endDate markets'.split(' '),
    );
    expect(event).toMatchObject({
      id: expect.stringMatching(/^[1-9]\d{0,9}$/),
      slug: market.eventSlug,
      title: market.question,
      active: true,
      closed: false,
      negRisk: false,
      startDate: new Date(BEGIN.getTime() - 86_400_000).toISOString().replace('.000Z', 'Z'),
      endDate: '1970-01-02T00:00:00Z',
      markets: [{ id: marketId(market) }, { id: marketId(sister) }],
    });
    venue.resolve(sister.conditionId, [1n, 0n], 1n, 2_000);
    expect(gammaEventRow(venue, market.eventSlug).closed).toBe(true);
  });

  test.skipIf(data === null)('has the types of recorded rows', () => {
    const row = rowOf({ category: 'sports', feeRateMicros: 30_000n }).row();
    const sports = recorded('nautilus-gamma_market_sports_market_map_handicap.json');
    for (const key of [
      'secondsDelay',
      'groupItemTitle',
      'negRiskOther',
      'bestBid',
      'bestAsk',
      'feeType',
    ] as const)
      expect([key, typeof row[key]]).toEqual([key, typeof sports[key]]);
    expect(Object.keys(row.feeSchedule).sort()).toEqual(Object.keys(sports.feeSchedule).sort());
    expect(row.feeType).toBe(sports.feeType);
    const [event] = recorded('nautilus-gamma_event.json');
    const [own] = row.events;
    for (const key of ['id', 'slug', 'title', 'active', 'closed', 'negRisk', 'startDate'] as const)
      expect([key, typeof own?.[key]]).toEqual([key, typeof event[key]]);
  });
});

describe('Gamma', () => {
  let sim: TestSim;
  let market: Market;
  beforeAll(async () => {
    sim = await startTestSim();
    const [first] = [...sim.venue.markets.values()];
    market = first ?? openMarket();
  });
  afterAll(() => sim.stop());
  const find = (query: string) => getJson(`${sim.endpoints.gamma}${query}`);

  test('finds markets by number, condition, token and slug', async () => {
    const row = { conditionId: market.conditionId, id: marketId(market) };
    expect((await find(`/markets?condition_ids=${market.conditionId}`)).body).toMatchObject([row]);
    expect((await find(`/markets?clob_token_ids=${market.tokenIds[1]}`)).body).toMatchObject([row]);
    expect((await find(`/markets?id=${row.id}`)).body).toMatchObject([row]);
    expect((await find(`/markets/slug/${market.slug}`)).body).toMatchObject(row);
    expect((await find(`/markets/${row.id}`)).body).toMatchObject(row);
    expect((await find('/markets/keyset?limit=3')).body).toMatchObject({
      markets: { length: 3 },
      next_cursor: expect.any(String),
    });
  });

  test('finds events by number and slug, alone and in lists', async () => {
    const row = {
      id: eventId(market.eventSlug),
      slug: market.eventSlug,
      markets: [{ id: marketId(market) }],
    };
    expect((await find(`/events?slug=${market.eventSlug}`)).body).toMatchObject([row]);
    expect((await find(`/events/slug/${market.eventSlug}`)).body).toMatchObject(row);
    expect((await find(`/events/${row.id}`)).body).toMatchObject(row);
    const { events } = (await find('/events/keyset?limit=100')).body as { events: { id: string }[] };
    expect(events).toHaveLength(sim.venue.markets.size);
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  });

  test.each([
    '/markets/0',
    '/events/0',
    '/markets/slug/none',
    '/events/slug/none',
    '/markets/slug/a/b',
    '/x',
  ])('answers 404 to %s', async (path) => {
    expect((await find(path)).status).toBe(404);
  });

  test('says of the old lists that they were to end, and lets them go only so far', async () => {
    for (const path of ['/markets', '/events']) {
      expect((await find(path)).headers.get('sunset')).toBe('Fri, 01 May 2026 00:00:00 GMT');
      expect((await find(`${path}/keyset`)).headers.get('sunset')).toBeNull();
      expect((await find(`${path}?offset=2001`)).status).toBe(400);
    }
  });
});
