import { price, shares, usd } from '@slipstream/money';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AT, aFill } from '../testing/builders.ts';
import { attribute } from './attribute.ts';
import { entryFor, type LedgerEntry, reversalOf } from './entry.ts';
import { fold, foldAll, NEVER_HELD, type Position } from './position.ts';
import { figuresOf } from './value.ts';

const buy = (id: string, size: bigint, at: bigint, fee = 0n): LedgerEntry => entry('BUY', id, size, at, fee);
const sell = (id: string, size: bigint, at: bigint, fee = 0n): LedgerEntry =>
  entry('SELL', id, size, at, fee);
function entry(side: 'BUY' | 'SELL', id: string, size: bigint, at: bigint, fee: bigint): LedgerEntry {
  const fill = aFill(id, side, size, at, { feeMicros: usd(fee) });
  return entryFor(fill, attribute(fill));
}
const of = (...entries: LedgerEntry[]): Position => entries.reduce<Position>(fold, NEVER_HELD);

describe('a position', () => {
  test('costs the average of its purchases', () => {
    expect(of(buy('a', 10_000_000n, 400_000n), buy('b', 10_000_000n, 600_000n))).toMatchObject({
      sharesMicros: 20_000_000n,
      costMicros: 10_000_000n,
      realizedPnlMicros: 0n,
    });
  });

  test('realises the difference to the average when part of it is sold', () => {
    expect(
      of(buy('a', 10_000_000n, 400_000n), buy('b', 10_000_000n, 600_000n), sell('c', 5_000_000n, 700_000n)),
    ).toMatchObject({
      sharesMicros: 15_000_000n,
      costMicros: 7_500_000n,
      realizedPnlMicros: 1_000_000n,
    });
  });

  test('keeps its fees apart from what it realises', () => {
    expect(
      of(buy('a', 10_000_000n, 400_000n, 70_000n), sell('b', 10_000_000n, 400_000n, 30_000n)),
    ).toMatchObject({
      realizedPnlMicros: 0n,
      feesMicros: 100_000n,
    });
  });

  test('is a new holding each time that it is opened from nothing', () => {
    const flat = of(buy('a', 10_000_000n, 400_000n), sell('b', 10_000_000n, 500_000n));
    expect(flat).toMatchObject({ sharesMicros: 0n, costMicros: 0n, episode: 1 });
    expect(fold(flat, buy('c', 1_000_000n, 300_000n))).toMatchObject({ costMicros: 300_000n, episode: 2 });
  });

  test('a sale that is known before its purchase comes to the same in the end', () => {
    const late = of(sell('b', 10_000_000n, 500_000n), buy('a', 10_000_000n, 400_000n));
    expect(late).toMatchObject({ sharesMicros: 0n, costMicros: 0n, realizedPnlMicros: 1_000_000n });
  });

  test('a sale of more than is held ends one holding and begins another', () => {
    expect(of(buy('a', 10_000_000n, 400_000n), sell('b', 15_000_000n, 600_000n))).toMatchObject({
      sharesMicros: -5_000_000n,
      costMicros: -3_000_000n,
      realizedPnlMicros: 2_000_000n,
      episode: 2,
    });
  });
});

describe('a fill that the chain failed', () => {
  test('leaves the average as if it had never been', () => {
    const [a, b] = [buy('a', 10_000_000n, 400_000n, 5n), buy('b', 10_000_000n, 600_000n)];
    expect(foldAll([a, b, reversalOf(a)])).toEqual(foldAll([b]));
  });
});

const trade = fc.record({
  side: fc.constantFrom('BUY', 'SELL'),
  size: fc.bigInt(1n, 50_000_000n),
  at: fc.bigInt(1n, 999_999n),
  fee: fc.bigInt(0n, 1_000_000n),
});
const trades = fc.array(trade, { maxLength: 30 });
const entriesOf = (
  made: readonly { side: 'BUY' | 'SELL'; size: bigint; at: bigint; fee: bigint }[],
): LedgerEntry[] => made.map(({ side, size, at, fee }, i) => entry(side, `f${i}`, size, at, fee));

describe('whatever is traded', () => {
  test('realised less cost is the cash that moved, apart from fees', () => {
    fc.assert(
      fc.property(trades, (made) => {
        const entries = entriesOf(made);
        const position = of(...entries);
        const sum = (pick: (e: LedgerEntry) => bigint): bigint =>
          entries.reduce((total, e) => total + pick(e), 0n);
        expect(position.sharesMicros).toBe(sum((e) => e.shareDeltaMicros));
        expect(position.realizedPnlMicros - position.costMicros - position.feesMicros).toBe(
          sum((e) => e.cashDeltaMicros),
        );
        expect(position.feesMicros).toBe(sum((e) => e.feeMicros));
        if (position.sharesMicros === 0n) expect(position.costMicros).toBe(0n);
      }),
    );
  });

  test('the total is realised plus unrealised', () => {
    fc.assert(
      fc.property(trades, fc.bigInt(0n, 1_000_000n), fc.bigInt(0n, 10n ** 12n), (made, mark, cash) => {
        const entries = entriesOf(made);
        const position = of(...entries);
        if (position.sharesMicros < 0n) return;
        const moved = entries.reduce((total, e) => total + e.cashDeltaMicros, 0n);
        const figures = figuresOf(
          {
            cashMicros: usd(cash + moved),
            realizedPnlMicros: position.realizedPnlMicros,
            feesMicros: position.feesMicros,
          },
          [{ ...position, mark: { priceMicros: price(mark), at: AT, source: 'book:socket' } }],
        );
        const { equityMicros, unrealizedPnlMicros } = figures;
        expect(equityMicros).not.toBe(null);
        expect((equityMicros ?? 0n) - cash).toBe(
          position.realizedPnlMicros + (unrealizedPnlMicros ?? 0n) - position.feesMicros,
        );
      }),
    );
  });

  test('a round trip at one price never makes money', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 10n ** 12n), fc.bigInt(1n, 999_999n), (size, at) => {
        expect(of(buy('a', size, at), sell('b', size, at)).realizedPnlMicros).toBeLessThanOrEqual(0n);
      }),
    );
  });
});

test('a position without a mark makes equity unknown, not wrong', () => {
  const held = { sharesMicros: shares(1_000_000n), costMicros: usd(500_000n), mark: null };
  const sums = { cashMicros: usd(7n), realizedPnlMicros: usd(0n), feesMicros: usd(0n) };
  expect(figuresOf(sums, [held])).toMatchObject({
    equityMicros: null,
    unrealizedPnlMicros: null,
    exposureMicros: 0n,
    openPositions: 1,
    unpricedPositions: 1,
  });
});
