import type { FeedSession, MarketBook } from '@slipstream/proto';
import { describe, expect, test } from 'vitest';
import { bookAgeMs } from './book-age.ts';

const at = (seconds: number): string => new Date(1_800_000_000_000 + seconds * 1_000).toISOString();
const book: MarketBook = {
  tokenId: '101',
  conditionId: null,
  state: 'live',
  bids: [],
  asks: [],
  source: 'socket',
  sessionId: 'ms-1',
  changedAt: at(0),
  knownAt: at(10),
};
const session = (patch: Partial<FeedSession>): FeedSession => ({
  sessionId: 'ms-1',
  aliveAt: at(19),
  open: true,
  ...patch,
});
const now = new Date(at(20));

describe('bookAgeMs', () => {
  test('counts from the last proof of life of the session that keeps the book', () => {
    expect(bookAgeMs(book, session({}), now)).toBe(1_000);
  });

  test.each([
    ['nobody knows the session', undefined],
    ['the session is closed', session({ open: false })],
    ['another session lives', session({ sessionId: 'ms-2' })],
  ])('counts from the book’s own time when %s', (_case, proof) => {
    expect(bookAgeMs(book, proof, now)).toBe(10_000);
  });

  test('an answer of REST ages by itself', () => {
    expect(bookAgeMs({ ...book, source: 'rest', sessionId: null }, session({}), now)).toBe(10_000);
  });

  test('is never negative, and an old proof never ages a newer book', () => {
    expect(bookAgeMs(book, session({ aliveAt: at(30) }), now)).toBe(0);
    expect(bookAgeMs(book, session({ aliveAt: at(1) }), now)).toBe(10_000);
  });
});
