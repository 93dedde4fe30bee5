import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fieldsChanged } from './fields-changed.ts';

describe('the fields that a change changed', () => {
  test('are named by their paths, from what to what, and stamps are none', () => {
    const before = { version: 1, sizing: { budgetMicros: null, sellMode: 'rate' }, wallets: ['a'] };
    const after = { version: 2, sizing: { budgetMicros: '5', sellMode: 'rate' }, wallets: ['a', 'b'] };
    expect(fieldsChanged(before, after)).toEqual([
      { path: 'sizing.budgetMicros', from: null, to: '5' },
      { path: 'wallets', from: ['a'], to: ['a', 'b'] },
    ]);
  });

  test('of a first document are all of it, and of one that went each field that it had', () => {
    const own = { sizing: { copyPctNotionalBps: '250' } };
    const path = 'sizing.copyPctNotionalBps';
    expect(fieldsChanged(null, own)).toEqual([{ path, from: null, to: '250' }]);
    expect(fieldsChanged(own, {})).toEqual([{ path, from: '250', to: null }]);
  });

  test('of anything and itself are none', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => fieldsChanged(value, value).length === 0));
  });

  test('turned round are the same fields the other way', () => {
    const document = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.jsonValue({ maxDepth: 2 }));
    const byPath = (changes: ReturnType<typeof fieldsChanged>) =>
      new Map(changes.map(({ path, from, to }) => [path, [from, to]]));
    fc.assert(
      fc.property(document, document, (one, other) => {
        const back = byPath(fieldsChanged(other, one));
        for (const { path, from, to } of fieldsChanged(one, other))
          expect(back.get(path)).toEqual([to, from]);
      }),
    );
  });
});
