import { describe, expect, test } from 'vitest';
import { isSilentKiller, verdictOf } from './verdict.ts';

const patience = { deliveriesMax: 3, backoffMs: [100, 500] };

describe('verdictOf', () => {
  test.each([
    ['poison', 1, { kind: 'dead', reason: 'poison' }],
    ['fault', 1, { kind: 'nak', delayMs: 100 }],
    ['fault', 2, { kind: 'nak', delayMs: 500 }],
    ['fault', 3, { kind: 'dead', reason: 'exhausted' }],
    ['fault', 4, { kind: 'dead', reason: 'exhausted' }],
    ['outage', 3, { kind: 'nak', delayMs: 500 }],
    ['outage', 99, { kind: 'nak', delayMs: 500 }],
  ] as const)('of %s at delivery %i is %j', (failure, deliveries, verdict) => {
    expect(verdictOf(failure, deliveries, patience)).toEqual(verdict);
  });

  test('without a back-off comes again at once', () => {
    expect(verdictOf('fault', 1, { deliveriesMax: 2, backoffMs: [] })).toEqual({ kind: 'nak', delayMs: 0 });
  });
});

test('only a message that came many times over its deliveries is a silent killer', () => {
  expect(isSilentKiller(24, 3)).toBe(false);
  expect(isSilentKiller(25, 3)).toBe(true);
});
