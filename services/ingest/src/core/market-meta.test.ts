import type { GammaMarket, Market, MarketInfo, Resolution } from '@slipstream/exchange/public-client';
import { price, shares } from '@slipstream/money';
import { describe, expect, test } from 'vitest';
import { metasOf, resolvedOf } from './market-meta.ts';

const CONDITION = `0x${'cd'.repeat(32)}`;
const now = new Date('2026-06-01T12:00:00.000Z');
const info = (patch: Partial<MarketInfo> = {}): MarketInfo => ({
  c: CONDITION,
  t: [
    { t: '101', o: 'Yes' },
    { t: '102', o: 'No' },
  ],
  mts: price(10_000n),
  mos: shares(5_000_000n),
  nr: false,
  fd: { r: 50_000n, e: 1 },
  ao: true,
  v: 'v1',
  ...patch,
});
const market = (patch: Partial<Market> = {}): Market => ({
  condition_id: CONDITION,
  question: 'Will the ferry run?',
  market_slug: 'ferry',
  end_date_iso: '2026-07-01',
  closed: false,
  accepting_orders: true,
  ...patch,
});
const gamma = (patch: Partial<GammaMarket> = {}): GammaMarket => ({
  conditionId: CONDITION,
  endDate: '2026-07-01T17:30:00Z',
  umaResolutionStatus: '',
  outcomePrices: '',
  clobTokenIds: '["101","102"]',
  ...patch,
});
const resolution = (patch: Partial<Resolution> = {}): Resolution => ({
  condition_id: CONDITION,
  status: 'resolved',
  payouts: [],
  payout_numerators: ['1', '0'],
  payout_denominator: '1',
  resolved_at: '2026-06-01T11:59:00Z',
  ...patch,
});

describe('metadata', () => {
  test('tells each token of the other, with Gamma’s precise end', () => {
    const [yes, no] = metasOf(info(), market(), gamma(), now) ?? [];
    expect(yes).toMatchObject({
      tokenId: '101',
      oppositeTokenId: '102',
      outcomeIndex: 0,
      tickMicros: 10_000n,
    });
    expect(no).toMatchObject({ tokenId: '102', oppositeTokenId: '101', endsAt: '2026-07-01T17:30:00.000Z' });
  });

  test('has the CLOB’s end while Gamma says nothing, or none', () => {
    expect(metasOf(info(), market(), null, now)?.[0]?.endsAt).toBe('2026-07-01T00:00:00.000Z');
    expect(metasOf(info(), market({ end_date_iso: '' }), null, now)?.[0]?.endsAt).toBeNull();
  });

  test('has another version when the content changed, and only then', () => {
    const versionOf = (i: MarketInfo, at: Date) => metasOf(i, market(), gamma(), at)?.[0]?.version;
    const first = versionOf(info(), now);
    expect(versionOf(info(), new Date(0))).toBe(first);
    expect(versionOf(info({ mts: price(1_000n) }), now)).not.toBe(first);
  });

  test('makes up neither fees nor a version', () => {
    expect(metasOf(info({ fd: null }), market(), gamma(), now)).toBeNull();
    expect(metasOf(info({ v: 'v9' }), market(), gamma(), now)).toBeNull();
    expect(metasOf(info({ v: undefined }), market(), gamma(), now)).toBeNull();
    const free = metasOf(info({ fd: null }), market(), gamma({ feesEnabled: false }), now);
    expect(free?.[0]?.feeRateMicros).toBe(0n);
  });
});

describe('a resolution', () => {
  const tokens = ['101', '102'];

  test('pays what the Data API says, exactly', () => {
    expect(resolvedOf(CONDITION, tokens, resolution(), null, now)).toMatchObject({
      payouts: [
        { tokenId: '101', numerator: '1', denominator: '1' },
        { tokenId: '102', numerator: '0', denominator: '1' },
      ],
      resolvedAt: '2026-06-01T11:59:00.000Z',
      source: 'data-api',
    });
  });

  test('follows the tokens that the Data API names', () => {
    const told = resolution({ token_ids: ['102', '101'] });
    expect(resolvedOf(CONDITION, tokens, told, null, now)?.payouts[0]).toEqual({
      tokenId: '102',
      numerator: '1',
      denominator: '1',
    });
  });

  test('may be told in micro-dollars, or by Gamma', () => {
    const micros = resolution({ payouts: ['500000', '500000'], payout_numerators: [] });
    expect(resolvedOf(CONDITION, tokens, micros, null, now)?.payouts[1]?.numerator).toBe('500000');
    const row = gamma({ closed: true, umaResolutionStatus: 'resolved', outcomePrices: '["0.5","0.5"]' });
    expect(resolvedOf(CONDITION, tokens, null, row, now)).toMatchObject({
      source: 'gamma',
      payouts: [{ numerator: '500000', denominator: '1000000' }, { numerator: '500000' }],
    });
  });

  test.each([
    ['it is only proposed', resolution({ status: 'proposed' }), null],
    ['its payouts are fewer than the tokens', resolution({ payout_numerators: ['1'] }), null],
    ['its payouts are no numbers', resolution({ payout_numerators: ['1', 'x'] }), null],
    ['its denominator is zero', resolution({ payout_denominator: '0' }), null],
    ['Gamma only closed it', null, gamma({ closed: true, outcomePrices: '["1","0"]' })],
    [
      'Gamma’s prices are rubbish',
      null,
      gamma({ closed: true, umaResolutionStatus: 'resolved', outcomePrices: '[' }),
    ],
    ['nobody knows', null, null],
  ])('is not believed when %s', (_case, told, row) => {
    expect(resolvedOf(CONDITION, tokens, told, row, now)).toBeNull();
  });
});
