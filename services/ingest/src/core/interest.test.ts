import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TokensOfInterest } from './interest.ts';

describe('tokens of interest', () => {
  test('the token that was traded longest ago makes room', () => {
    const tokens = new TokensOfInterest(2);
    expect([tokens.trade('1'), tokens.trade('2'), tokens.trade('1')]).toEqual([null, null, null]);
    expect(tokens.trade('3')).toBe('2');
    expect([tokens.has('1'), tokens.has('2'), tokens.has('3')]).toEqual([true, false, true]);
  });

  test('a token that a service asked for stays while others can go', () => {
    const tokens = new TokensOfInterest(2);
    tokens.ask('held');
    tokens.trade('1');
    expect(tokens.trade('2')).toBe('1');
    expect(tokens.ask('3')).toBe('2');
    expect(tokens.has('held')).toBe(true);
  });

  test('a released token is the next that may go', () => {
    const tokens = new TokensOfInterest(2);
    tokens.ask('1');
    tokens.ask('2');
    tokens.release('2');
    expect(tokens.trade('3')).toBe('2');
  });

  test('there are never more than the bound, and what is dropped is gone', () => {
    const deeds = fc.array(fc.tuple(fc.constantFrom('ask', 'trade', 'release'), fc.nat(9)), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(deeds, fc.integer({ min: 1, max: 5 }), (all, most) => {
        const tokens = new TokensOfInterest(most);
        for (const [deed, n] of all) {
          const id = String(n);
          const dropped = deed === 'ask' ? tokens.ask(id) : deed === 'trade' ? tokens.trade(id) : null;
          if (deed === 'release') tokens.release(id);
          if (dropped !== null) expect(tokens.has(dropped)).toBe(false);
          const kept = Array.from({ length: 10 }, (_, i) => String(i)).filter((t) => tokens.has(t));
          expect(kept.length).toBeLessThanOrEqual(most);
        }
      }),
    );
  });
});
