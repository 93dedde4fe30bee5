import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exchange, market, T0 } from '../../test/data-exchange.ts';
import { ANNA, openMarket } from '../../test/sim.ts';
import { hashFrom } from '../venue/market.ts';
import { eventId } from './gamma-rows.ts';

type Row = { readonly transaction_hash: string; readonly timestamp: number };

describe('paging of /v2/activity', () => {
  test('gives every row exactly once, for any limit and either direction, while rows arrive', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 1_500 }), { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 12 }),
        fc.constantFrom('ASC', 'DESC'),
        fc.array(fc.integer({ min: 0, max: 1_500 }), { maxLength: 10 }),
        (before, limit, direction, meanwhile) => {
          const { rows, trade, wait } = exchange();
          const make = (pause: number): string => {
            wait(pause);
            return trade();
          };
          const first = before.map(make);
          const arriving = meanwhile.values();
          const seen: string[] = [];
          let cursor: string | null = null;
          const late: string[] = [];
          do {
            const more: string = cursor === null ? '' : `&cursor=${cursor}`;
            const page = rows(
              `/data/v2/activity?user=${ANNA}&limit=${limit}&sort_direction=${direction}${more}`,
            );
            seen.push(...page.data.map((row: Row) => row.transaction_hash));
            expect(page.pagination.has_more).toBe(page.pagination.next_cursor !== null);
            cursor = page.pagination.next_cursor;
            const pause = arriving.next();
            if (pause.done !== true) late.push(make(pause.value));
          } while (cursor !== null);
          expect(new Set(seen).size).toBe(seen.length);
          const expected =
            direction === 'ASC' ? [...first, ...late].slice(0, seen.length) : first.toReversed();
          expect(seen).toEqual(expected);
          expect(seen.length).toBeGreaterThanOrEqual(first.length);
        },
      ),
    );
  });

  test('keeps to start, end, type, side and condition', () => {
    const { rows, trade, wait, venue } = exchange();
    for (let i = 0; i < 5; i++) {
      trade({ side: i % 2 === 0 ? 'BUY' : 'SELL' });
      wait(1000);
    }
    venue.act({
      type: 'MERGE',
      wallet: ANNA,
      conditionId: market.conditionId,
      tokenId: '',
      side: '',
      price: '0',
      size: '5',
      usdcSize: '5',
      outcome: '',
      outcomeIndex: 999,
      title: '',
      slug: '',
      eventSlug: '',
      transactionHash: hashFrom('merge'),
      atMs: (T0 + 5) * 1000,
      isTaker: true,
    });
    const times = (query: string): number[] =>
      rows(`/data/v2/activity?user=${ANNA}&sort_direction=ASC&${query}`).data.map(
        (row: Row) => row.timestamp - T0,
      );
    expect(times('')).toEqual([0, 1, 2, 3, 4, 5]);
    expect(times(`start=${T0 + 1}&end=${T0 + 3}`)).toEqual([1, 2, 3]);
    expect(times('type=TRADE')).toEqual([0, 1, 2, 3, 4]);
    expect(times('type=MERGE,SPLIT')).toEqual([5]);
    expect(times('side=SELL')).toEqual([1, 3]);
    expect(times(`condition=${market.conditionId}`)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(times(`condition=${hashFrom('other')}`)).toEqual([]);
  });

  test('stays quick when a wallet has a hundred thousand rows', () => {
    const { rows, trade, wait } = exchange();
    for (let i = 0; i < 100_000; i++) {
      if (i % 10 === 0) wait(1000);
      trade();
    }
    const begun = performance.now();
    for (let i = 0; i < 200; i++)
      expect(rows(`/data/v2/activity?user=${ANNA}&start=${T0 + 9_990}&limit=50`).data).toHaveLength(50);
    expect(performance.now() - begun).toBeLessThan(1_500);
  });
});

describe('/v2/trades', () => {
  test('leaves out fills of resting orders unless asked for', () => {
    const { rows, trade } = exchange();
    trade();
    trade({ isTaker: false });
    expect(rows(`/data/v2/trades?user=${ANNA}`).data).toHaveLength(1);
    expect(rows(`/data/v2/trades?user=${ANNA}&taker_only=false`).data).toHaveLength(2);
    expect(rows(`/data/v2/activity?user=${ANNA}`).data).toHaveLength(2);
    expect(rows(`/data/trades?user=${ANNA}`)).toHaveLength(1);
    expect(rows(`/data/trades?user=${ANNA}&takerOnly=false`)).toHaveLength(2);
  });
});

describe('rows', () => {
  test('of v2 and v1 have the names of their version and numbers as recorded', () => {
    const { rows, trade, ask } = exchange();
    trade({ price: '0.5599999234188139', size: '2.089286' });
    const [row] = rows(`/data/v2/activity?user=${ANNA.toUpperCase().replace('0X', '0x')}`).data;
    expect(row).toMatchObject({
      proxy_wallet: ANNA,
      timestamp: T0,
      type: 'TRADE',
      side: 'BUY',
      token_id: market.tokenIds[0],
      outcome: 'Yes',
      outcome_index: 0,
    });
    expect(ask(`/data/v2/activity?user=${ANNA}`).json).toContain('"price":0.5599999234188139,');
    const [old] = rows(`/data/activity?user=${ANNA}`);
    expect(old).toMatchObject({
      proxyWallet: ANNA,
      asset: market.tokenIds[0],
      usdcSize: 1.17,
      size: 2.089286,
    });
    expect(Object.keys(old).some((key) => key.includes('_'))).toBe(false);
  });

  test('appear as late as the lag says', () => {
    const { rows, trade, wait, faults } = exchange();
    faults.dataLagMs = 5_000;
    trade();
    expect(rows(`/data/v2/activity?user=${ANNA}`).data).toEqual([]);
    wait(4_999);
    expect(rows(`/data/v2/activity?user=${ANNA}`).data).toEqual([]);
    wait(1);
    expect(rows(`/data/v2/activity?user=${ANNA}`).data).toHaveLength(1);
  });

  test('of positions have no residue of doubles and no exponent', () => {
    const { ask, rows, trade } = exchange();
    trade({ size: '0.3' });
    trade({ size: '0.1', side: 'SELL' });
    trade({ size: '0.2', side: 'SELL' });
    expect(rows(`/data/v2/positions?user=${ANNA}`).data).toEqual([]);
    trade({ size: '0.000001' });
    expect(ask(`/data/v2/positions?user=${ANNA}`).json).not.toMatch(/\de-\d/);
  });
});

describe('resolutions', () => {
  test('have payouts once there are any, and are found by condition, question and event', () => {
    const { rows, venue } = exchange();
    const own = openMarket('resolved');
    venue.addMarket(own);
    venue.resolve(own.conditionId, [1n, 1n], 2n, (T0 + 9) * 1000);
    const find = (query: string) => rows(`/data/v2/resolutions?${query}`).data;
    const [open] = find(`condition_id=${market.conditionId}`);
    expect(open).toMatchObject({
      status: 'active',
      payouts: null,
      extended_review: false,
      was_disputed: false,
      new_version_q: false,
      last_update_timestamp: market.startsAtMs / 1000,
    });
    const [paid] = find(`question_id=${own.conditionId}`);
    expect(paid).toMatchObject({
      status: 'resolved',
      payouts: ['500000', '500000'],
      last_update_timestamp: T0 + 9,
    });
    expect(find(`event_id=${eventId(own.eventSlug)}`)).toEqual([paid]);
    expect(find('event_id=1')).toEqual([]);
  });
});

describe('filters', () => {
  test('of the least cash or tokens keep to it', () => {
    const { rows, trade } = exchange();
    trade({ price: '0.1', size: '100' });
    trade({ price: '0.9', size: '50' });
    const sizes = (query: string): number[] =>
      rows(`/data/v2/trades?user=${ANNA}&${query}`).data.map((row: { size: number }) => row.size);
    expect(sizes('filter_type=CASH&filter_amount=20')).toEqual([50]);
    expect(sizes('filter_type=TOKENS&filter_amount=60')).toEqual([100]);
  });
});

describe('errors', () => {
  const twentyOne = Array.from({ length: 21 }, (_, i) => hashFrom(String(i))).join(',');

  test.each([
    [`/data/v2/activity?user=${ANNA}&offset=10`, 'invalid_parameter', 'offset'],
    ['/data/v2/activity', 'missing_parameter', 'user'],
    ['/data/v2/activity?user=0x12', 'invalid_parameter', 'user'],
    [`/data/v2/activity?user=${ANNA}&limit=1001`, 'invalid_parameter', 'limit'],
    [`/data/v2/activity?user=${ANNA}&limit=x`, 'invalid_parameter', 'limit'],
    [`/data/v2/activity?user=${ANNA}&cursor=zzz`, 'invalid_parameter', 'cursor'],
    [`/data/v2/activity?user=${ANNA}&start=-1`, 'invalid_parameter', 'start'],
    [`/data/v2/activity?user=${ANNA}&sort_direction=UP`, 'invalid_parameter', 'sort_direction'],
    [`/data/v2/activity?user=${ANNA}&condition=${twentyOne}`, 'invalid_parameter', 'condition'],
    [`/data/v2/trades?user=${ANNA}&filter_amount=much`, 'invalid_parameter', 'filter_amount'],
    ['/data/v2/resolutions?limit=0', 'invalid_parameter', 'limit'],
    ['/data/v2/resolutions?event_id=ferry', 'invalid_parameter', 'event_id'],
    [`/data/v2/positions?user=${ANNA}&status=LOST`, 'invalid_parameter', 'status'],
  ])('of v2 name the parameter: %s', (path, code, parameter) => {
    const { ask } = exchange();
    const answer = ask(path);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.json)).toEqual({
      error: expect.any(String),
      code,
      retryable: false,
      trace_id: 'sim',
      parameter,
    });
  });

  test('on request are retryable and say when', () => {
    const { ask, faults } = exchange();
    faults.dataStatus = 503;
    const answer = ask(`/data/v2/activity?user=${ANNA}`);
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    expect(JSON.parse(answer.json).retryable).toBe(true);
  });

  test.each([
    '/data/v2/status',
    '/data/v2/activity',
    '/data/v2/nothing',
    `/data/v2/activity?user=${ANNA}`,
    `/data/activity?user=${ANNA}`,
    '/data/positions',
    '/data/nothing',
  ])('and answers name their request: %s', (path) => {
    const { ask, faults } = exchange();
    const trace = () => ask(path).headers?.['x-trace-id'];
    expect(trace()).toBe('sim');
    faults.dataStatus = 503;
    expect(trace()).toBe('sim');
  });

  test.each([404, 410] as const)('of a retired v1 are %i and leave v2 alone', (status) => {
    const { ask, faults } = exchange();
    faults.dataV1Gone = status;
    for (const path of ['/activity', '/trades', '/positions', '/value', '/closed-positions'])
      expect(ask(`/data${path}?user=${ANNA}`).status).toBe(status);
    expect(ask(`/data/v2/activity?user=${ANNA}`).status).toBe(200);
  });

  test('of a missing v2 leave v1 alone', () => {
    const { ask, faults } = exchange();
    faults.dataV2Gone = true;
    expect(ask(`/data/v2/activity?user=${ANNA}`).status).toBe(404);
    expect(ask(`/data/activity?user=${ANNA}`).status).toBe(200);
  });

  test('of v1: far offsets are refused, odd numbers are not obeyed', () => {
    const { ask, rows, trade } = exchange();
    for (let i = 0; i < 3; i++) trade();
    expect(ask(`/data/activity?user=${ANNA}&offset=5001`).status).toBe(400);
    expect(rows(`/data/activity?user=${ANNA}&limit=-1&offset=-1`)).toHaveLength(3);
    expect(rows(`/data/activity?user=${ANNA}&limit=1&offset=2`)).toHaveLength(1);
  });
});
