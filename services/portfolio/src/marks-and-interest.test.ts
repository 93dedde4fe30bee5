import { price, shares } from '@slipstream/money';
import type { MarketBook } from '@slipstream/proto';
import { fakeClock, idleActivity, silentLogger } from '@slipstream/runtime';
import { describe, expect, test } from 'vitest';
import { createInterest } from './interest.ts';
import { createMarks } from './marks.ts';
import { AT, CONDITION, TOKEN } from './testing/builders.ts';

const level = (at: bigint) =>
  [price(at), shares(1n)] as [ReturnType<typeof price>, ReturnType<typeof shares>];
const aBook = (over: Partial<MarketBook> = {}): MarketBook => ({
  tokenId: TOKEN,
  conditionId: CONDITION,
  state: 'live',
  bids: [level(400_000n)],
  asks: [level(500_000n)],
  source: 'rest',
  sessionId: null,
  changedAt: AT.toISOString(),
  knownAt: AT.toISOString(),
  ...over,
});

describe('a mark', () => {
  test('is the payout once there is one', () => {
    const marks = createMarks(() => undefined);
    marks.onBook(aBook());
    marks.onPayout(TOKEN, { numerator: 1n, denominator: 3n }, AT);
    expect(marks.of(TOKEN)).toEqual({ priceMicros: 333_333n, at: AT, source: 'payout' });
  });

  test('is the middle of the book, with its time and source', () => {
    const moved: string[] = [];
    const marks = createMarks((tokenId) => moved.push(tokenId));
    marks.onBook(aBook());
    marks.onBook(aBook({ knownAt: new Date(AT.getTime() + 5).toISOString() }));
    expect(marks.of(TOKEN)).toEqual({
      priceMicros: 450_000n,
      at: new Date(AT.getTime() + 5),
      source: 'book:rest',
    });
    expect(moved).toEqual([TOKEN]);
  });

  test.each<[string, Partial<MarketBook>]>([
    ['an empty side', { asks: [] }],
    ['crossed sides', { asks: [level(400_000n)] }],
    ['no book at all', { state: 'absent', bids: [], asks: [] }],
  ])('stays as it was when the book has %s', (_, over) => {
    const marks = createMarks(() => undefined);
    marks.onBook(aBook());
    marks.onBook(aBook(over));
    expect(marks.of(TOKEN)?.priceMicros).toBe(450_000n);
  });

  test('that nobody knows is null', () => {
    expect(createMarks(() => undefined).of(TOKEN)).toBe(null);
  });
});

test('a wish that did not get through is tried again, and said once', async () => {
  const clock = fakeClock(AT);
  const said: string[] = [];
  let away = true;
  const interest = createInterest({
    bucket: {
      put: async (key) => {
        if (away) throw new Error('no bus');
        return said.push(`put ${key}`);
      },
      delete: async (key) => void said.push(`delete ${key}`),
    },
    clock,
    activity: idleActivity,
    log: silentLogger(),
    wantedBy: 'portfolio',
  });
  interest.hold(['1', '2']);
  await clock.advance(9_999);
  expect(said).toEqual([]);
  away = false;
  await clock.advance(1);
  await new Promise(setImmediate);
  interest.hold(['1']);
  interest.drop(['2']);
  await new Promise(setImmediate);
  expect(said).toEqual(['put 1', 'put 2', 'delete 2']);
});
