import { price, shares } from '@slipstream/money';
import type { MarketBook } from '@slipstream/proto';
import { describe, expect, test } from 'vitest';
import { judgeBook } from './book-answer.ts';

const AT = new Date('2026-06-01T12:00:00.000Z');
const level = (cents: number, size: number) =>
  [price(BigInt(cents) * 10_000n), shares(BigInt(size) * 1_000_000n)] as const;
const aBook = (over: Partial<MarketBook> = {}): MarketBook => ({
  tokenId: '7000',
  conditionId: null,
  state: 'live',
  bids: [[...level(49, 10)]],
  asks: [[...level(50, 10)]],
  source: 'socket',
  sessionId: null,
  changedAt: AT.toISOString(),
  knownAt: AT.toISOString(),
  ...over,
});

const after = (ms: number): Date => new Date(AT.getTime() + ms);

describe('judgeBook', () => {
  test('a book within the freshness is usable, with its age', () => {
    const book = aBook();
    expect(judgeBook(book, undefined, after(2_000), 2_000)).toEqual({ kind: 'usable', book, ageMs: 2_000 });
  });

  test('an older one is unfit', () => {
    expect(judgeBook(aBook(), undefined, after(2_001), 2_000)).toEqual({ kind: 'unfit' });
  });

  test('silence does not age a book whose session lives', () => {
    const session = { sessionId: 's1', aliveAt: after(60_000).toISOString(), open: true };
    expect(judgeBook(aBook({ sessionId: 's1' }), session, after(60_500), 2_000)).toMatchObject({
      kind: 'usable',
      ageMs: 500,
    });
  });

  test('a missing and a crossed book are unfit', () => {
    const crossed = aBook({ bids: [[...level(50, 1)]], asks: [[...level(50, 1)]] });
    expect(judgeBook(undefined, undefined, AT, 2_000)).toEqual({ kind: 'unfit' });
    expect(judgeBook(crossed, undefined, AT, 2_000)).toEqual({ kind: 'unfit' });
  });

  test('the exchange’s word that it has none counts as long as it is fresh', () => {
    const absent = aBook({ state: 'absent', bids: [], asks: [] });
    expect(judgeBook(absent, undefined, AT, 2_000)).toEqual({ kind: 'absent' });
    expect(judgeBook(absent, undefined, after(3_000), 2_000)).toEqual({ kind: 'unfit' });
  });
});
