import { shares, usd } from '@slipstream/money';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ChainFigures, type ChainFill } from './chain-figures.ts';

const TRADE = 'lt_1';
const fill = (block: string, logIndex: number, size = 10n, tradeId = TRADE): ChainFill => ({
  tradeId,
  identity: { transactionHash: '0x1', wallet: '0xa', tokenId: '101', side: 'BUY' },
  blockHash: block,
  blockNumber: Number.parseInt(block, 10),
  logIndex,
  sizeMicros: shares(size),
  notionalMicros: usd(size / 2n),
});
const sizes = (figures: ChainFigures) => {
  const view = figures.view(TRADE);
  return [view?.live.sizeMicros, view?.struck.sizeMicros];
};

describe('ChainFigures', () => {
  test('adds up the distinct logs of a transaction, whichever node shows them', () => {
    const figures = new ChainFigures();
    expect(figures.see(fill('7', 1), 'a')).toBe('new');
    expect(figures.see(fill('7', 1), 'b')).toBe('known');
    expect(figures.see(fill('7', 3, 5n), 'b')).toBe('new');
    expect(sizes(figures)).toEqual([15n, 0n]);
    expect(figures.view(TRADE)?.block).toEqual({ hash: '7', number: 7 });
  });

  test('counts a transaction that stands in two blocks, as two nodes see it, once', () => {
    const figures = new ChainFigures();
    figures.see(fill('7', 1), 'a');
    figures.see(fill('8', 4), 'b');
    expect(sizes(figures)).toEqual([10n, 0n]);
  });

  test('strikes out what was removed, once', () => {
    const figures = new ChainFigures();
    figures.see(fill('7', 1), 'a');
    figures.see(fill('7', 2), 'a');
    expect(figures.remove('7', 1, 'a')?.logIndex).toBe(1);
    expect(figures.remove('7', 1, 'b')).toBeNull();
    expect(figures.remove('7', 9, 'a')).toBeNull();
    expect(sizes(figures)).toEqual([10n, 10n]);
    expect(figures.view(TRADE)?.wasReorganised).toBe(true);
  });

  test('a removed trade that stands in another block is whole again', () => {
    const figures = new ChainFigures();
    figures.see(fill('7', 1), 'a');
    figures.remove('7', 1, 'a');
    expect(figures.view(TRADE)?.block).toBeNull();
    figures.see(fill('8', 5), 'a');
    expect(sizes(figures)).toEqual([10n, 0n]);
  });

  test('a node that lags does not bring back what another removed; a read of the chain does', () => {
    const figures = new ChainFigures();
    figures.see(fill('7', 1), 'a');
    figures.remove('7', 1, 'a');
    expect(figures.see(fill('7', 1), 'b')).toBe('removed before');
    expect(sizes(figures)).toEqual([0n, 10n]);
    expect(figures.see(fill('7', 1), 'b', true)).toBe('restored');
    expect(sizes(figures)).toEqual([10n, 0n]);
    expect(figures.view(TRADE)?.wasReorganised).toBe(true);
  });

  test('knows what stands in a range, and forgets what is deep', () => {
    const figures = new ChainFigures();
    figures.load(fill('7', 1), false);
    figures.load(fill('8', 1, 10n, 'lt_2'), true);
    figures.see(fill('9', 1, 10n, 'lt_3'), 'a');
    expect(figures.standing(7, 9).map((one) => one.blockNumber)).toEqual([7, 9]);
    expect(figures.standing(8, 8)).toEqual([]);
    figures.forgetBelow(9);
    expect([figures.view(TRADE), figures.size]).toEqual([null, 1]);
  });

  test('says the same however often and in whatever order nodes show the same logs', () => {
    const logs = [fill('7', 1), fill('7', 2, 3n), fill('7', 9, 4n)];
    const shows = fc.array(fc.tuple(fc.constantFrom(...logs), fc.constantFrom('a', 'b')), { minLength: 1 });
    fc.assert(
      fc.property(shows, (shown) => {
        const figures = new ChainFigures();
        for (const [log, node] of shown) figures.see(log, node);
        const distinct = [...new Set(shown.map(([log]) => log))];
        expect(sizes(figures)).toEqual([distinct.reduce((sum, log) => sum + log.sizeMicros, 0n), 0n]);
      }),
    );
  });
});
