import type { OrderStatus } from '@slipstream/proto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { advance, endedAt, type Progress } from './order-state.ts';

/** How far each status is; what is not named here is never said of a sent order. */
const ORDER: readonly OrderStatus[] = [
  'SUBMITTING',
  'SUBMISSION_UNKNOWN',
  'OPEN',
  'PARTIAL',
  'REJECTED',
  'CANCELED',
  'FILLED',
];
const progress = (over: Partial<Progress> = {}): Progress => ({
  status: 'SUBMITTING',
  filledSizeMicros: 0n,
  filledNotionalMicros: 0n,
  feeMicros: 0n,
  fillCount: 0,
  reason: null,
  code: null,
  ...over,
});
const words: fc.Arbitrary<Progress> = fc
  .record({
    status: fc.constantFrom(...ORDER),
    filledSizeMicros: fc.bigInt(0n, 50n),
    filledNotionalMicros: fc.bigInt(0n, 50n),
    feeMicros: fc.bigInt(0n, 5n),
    fillCount: fc.nat(4),
  })
  .map(progress);

/** What is known after one word after the other. */
const heard = (first: Progress, later: readonly Progress[]): Progress =>
  later.reduce((known, word) => advance(known, word) ?? known, first);

describe('a word about an order', () => {
  test('never moves it back, nor makes its size or its number of fills smaller', () => {
    fc.assert(
      fc.property(words, words, (known, word) => {
        const next = advance(known, word);
        if (next === null) return;
        expect(ORDER.indexOf(next.status)).toBeGreaterThanOrEqual(ORDER.indexOf(known.status));
        expect(next.filledSizeMicros >= known.filledSizeMicros).toBe(true);
        expect(next.fillCount).toBeGreaterThanOrEqual(known.fillCount);
      }),
    );
  });

  test('says nothing new when it is repeated, at once or after others', () => {
    fc.assert(
      fc.property(words, fc.array(words, { maxLength: 6 }), (first, later) => {
        const known = heard(first, later);
        expect(advance(known, known)).toBeNull();
        const last = later.at(-1);
        if (last !== undefined) expect(advance(known, last)).toBeNull();
      }),
    );
  });

  test('leads to the same status and size, whatever the order of words', () => {
    fc.assert(
      fc.property(words, fc.array(words, { maxLength: 5 }), (first, later) => {
        const [one, other] = [heard(first, later), heard(first, later.toReversed())];
        expect([one.status, one.filledSizeMicros, one.fillCount]).toEqual([
          other.status,
          other.filledSizeMicros,
          other.fillCount,
        ]);
      }),
    );
  });

  test('makes the cost of the same fills exact, and ends an order only forwards', () => {
    const known = progress({
      status: 'FILLED',
      filledSizeMicros: 10n,
      filledNotionalMicros: 6n,
      fillCount: 1,
    });
    expect(advance(known, { ...known, filledNotionalMicros: 5n, feeMicros: 1n })).toMatchObject({
      filledNotionalMicros: 5n,
      feeMicros: 1n,
    });
    // A late acknowledgement has no figures, and is not news.
    expect(advance(known, progress({ status: 'OPEN' }))).toBeNull();
    // An exact figure that comes with an earlier step is of an earlier step.
    expect(advance(known, { ...known, status: 'PARTIAL', filledNotionalMicros: 5n })).toBeNull();
  });

  test('of a fill after we had taken it for gone is believed', () => {
    const gone = progress({ status: 'CANCELED', reason: 'LIVE_ORDER_FAILED', code: 'NOT_TAKEN' });
    const filled = progress({
      status: 'FILLED',
      filledSizeMicros: 10n,
      filledNotionalMicros: 5n,
      fillCount: 1,
    });
    expect(advance(gone, filled)).toEqual(filled);
    expect(advance(progress({ status: 'REJECTED' }), filled)).toEqual(filled);
  });
});

test('an order that cannot fill further is filled when all of it is, and canceled otherwise', () => {
  expect([endedAt(10n, 10n), endedAt(11n, 10n), endedAt(9n, 10n), endedAt(0n, 0n)]).toEqual([
    'FILLED',
    'FILLED',
    'CANCELED',
    'CANCELED',
  ]);
});
