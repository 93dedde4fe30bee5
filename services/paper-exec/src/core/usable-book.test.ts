import { describe, expect, test } from 'vitest';
import { AT, aBook, level } from '../testing/builders.ts';
import { judgeBook } from './usable-book.ts';

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
