import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ANNA, openMarket } from '../../test/sim.ts';
import type { Activity } from './activity.ts';
import { holdingsOf } from './holdings.ts';
import type { Market } from './market.ts';

const market = openMarket();
const row = (more: Partial<Activity>): Activity => ({
  seq: 1,
  type: 'TRADE',
  wallet: ANNA,
  conditionId: market.conditionId,
  tokenId: market.tokenIds[0],
  side: 'BUY',
  price: '0.5',
  size: '10',
  usdcSize: '5',
  outcome: '',
  outcomeIndex: 0,
  title: '',
  slug: '',
  eventSlug: '',
  transactionHash: '',
  atMs: 1,
  isTaker: true,
  ...more,
});
const fold = (rows: readonly Activity[], of: Market = market) => holdingsOf(rows, () => of);
const ofBoth = { tokenId: '', side: '' } as const;

describe('holdings', () => {
  test('a sale takes its part of the cost along and realises the rest', () => {
    const [held] = fold([row({}), row({ side: 'SELL', size: '4', usdcSize: '3' })]);
    expect(held).toMatchObject({
      sizeMicros: 6_000_000n,
      costMicros: 3_000_000n,
      realizedMicros: 1_000_000n,
    });
  });

  test('a split gives both outcomes at half a dollar, a merge takes them back', () => {
    const both = fold([row({ ...ofBoth, type: 'SPLIT', size: '10', usdcSize: '10' })]);
    expect(both.map((h) => [h.tokenId, h.sizeMicros, h.costMicros])).toEqual(
      market.tokenIds.map((token) => [token, 10_000_000n, 5_000_000n]),
    );
    const back = fold([
      row({ ...ofBoth, type: 'SPLIT', size: '10', usdcSize: '10' }),
      row({ ...ofBoth, type: 'MERGE', size: '10', usdcSize: '10' }),
    ]);
    expect(back.map((h) => [h.sizeMicros, h.realizedMicros])).toEqual([
      [0n, 0n],
      [0n, 0n],
    ]);
  });

  test('a redemption pays what the market pays', () => {
    const paid: Market = {
      ...market,
      state: 'resolved',
      payout: { numerators: [1n, 1n], denominator: 2n, atMs: 1 },
    };
    const rows = [row({ usdcSize: '3' }), row({ ...ofBoth, type: 'REDEEM', size: '10', usdcSize: '5' })];
    expect(fold(rows, paid)).toMatchObject([{ sizeMicros: 0n, realizedMicros: 2_000_000n }]);
  });

  test('what is sold without being held changes nothing', () => {
    expect(fold([row({ side: 'SELL' })])).toEqual([]);
  });

  test('never less than nothing, and money in is money out plus cost, less what rounding keeps', () => {
    const trade = fc.record({ buy: fc.boolean(), shares: fc.integer({ min: 1, max: 500 }) });
    fc.assert(
      fc.property(fc.array(trade, { maxLength: 40 }), (trades) => {
        const rows = trades.map(({ buy, shares }) =>
          row({ side: buy ? 'BUY' : 'SELL', size: String(shares), usdcSize: String(shares / 2) }),
        );
        for (const held of fold(rows)) {
          expect(held.sizeMicros >= 0n && held.costMicros >= 0n).toBe(true);
          // At one price nothing is ever won or lost but the rounding of each sale.
          expect(held.realizedMicros >= -1n && held.realizedMicros <= BigInt(trades.length)).toBe(true);
        }
      }),
    );
  });
});
