import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Choice, chooseNext, compareChoices, type Offer } from './schedule.ts';

const choice = fc.record({
  kind: fc.constantFrom('deadline' as const, 'poll' as const),
  dueMs: fc.integer({ min: 0, max: 3 }),
  rank: fc.integer({ min: 0, max: 2 }),
  key: fc.constantFrom('', 'a', 'B', 'é', '10', '9'),
  order: fc.integer({ min: 0, max: 3 }),
});
const offerOf = ({ kind, dueMs, rank, key, order }: Choice): Offer => ({
  rank,
  order,
  deadline: kind === 'deadline' ? { dueMs, key } : undefined,
  poll: kind === 'poll' ? { dueMs, key } : undefined,
});

describe('the order of choices', () => {
  test('is total: antisymmetric, transitive, and equal only for the same choice', () => {
    fc.assert(
      fc.property(choice, choice, choice, (a, b, c) => {
        expect(Math.sign(compareChoices(a, b)) + Math.sign(compareChoices(b, a))).toBe(0);
        if (compareChoices(a, b) <= 0 && compareChoices(b, c) <= 0)
          expect(compareChoices(a, c)).toBeLessThanOrEqual(0);
        if (compareChoices(a, b) === 0) expect(a).toEqual(b);
      }),
    );
  });

  test('the choice does not depend on the order in which participants are asked', () => {
    fc.assert(
      fc.property(fc.array(choice, { maxLength: 8 }), (choices) => {
        const offers = choices.map(offerOf);
        expect(chooseNext(offers)).toEqual(chooseNext([...offers].reverse()));
        expect(chooseNext(offers)).toEqual([...choices].sort(compareChoices)[0] ?? null);
      }),
    );
  });

  test('a deadline goes before a poll of the same instant, whatever their ranks', () => {
    const poll: Offer = { rank: 0, order: 0, deadline: undefined, poll: { dueMs: 5, key: 'a' } };
    const deadline: Offer = { rank: 9, order: 1, deadline: { dueMs: 5, key: 'z' }, poll: undefined };
    expect(chooseNext([poll, deadline])).toMatchObject({ kind: 'deadline', key: 'z' });
  });
});
