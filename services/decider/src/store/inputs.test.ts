import { describe, expect, test } from 'vitest';
import { someInputs, someSale } from '../../test/builders.ts';
import { decide } from '../core/decide.ts';
import { readInputs, recordInputs } from './inputs.ts';

describe('recorded inputs', () => {
  test.each([
    ['a copied BUY', someInputs()],
    ['a copied SELL', someSale()],
    [
      'a skip with nothing known',
      someInputs({ switches: null, leader: null, config: null, market: null, book: null, account: null }),
    ],
    ['a missed book', someInputs({ book: null, waited: true })],
  ])('give the same decision again for %s', (_, inputs) => {
    const recorded: unknown = JSON.parse(JSON.stringify(recordInputs(inputs)));
    expect(readInputs(recorded)).toEqual(inputs);
    expect(decide(readInputs(recorded))).toEqual(decide(inputs));
  });
  test('keep money as text', () => {
    expect(recordInputs(someInputs())).toMatchObject({
      account: { cashMicros: '10000000000', version: '7' },
    });
  });
  test('of another version are refused', () => {
    expect(() => readInputs({ mode: 'PAPER' })).toThrow();
  });
});
