import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keyCursor, timeCursor } from './cursor.ts';
import { HttpProblem } from './errors.ts';

const key = fc.string({ minLength: 1, maxLength: 120 });
const at = fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true });

describe('a cursor', () => {
  test('says again what it was made of', () => {
    fc.assert(
      fc.property(at, key, (when, name) => {
        const read = timeCursor.decode('attempts', timeCursor.encode('attempts', { at: when, key: name }));
        expect(read).toEqual({ at: when, key: name });
      }),
    );
  });

  test('of one list is refused by another', () => {
    const text = timeCursor.encode('attempts', { at: new Date(), key: 'ca_1' });
    expect(() => timeCursor.decode('fills', text)).toThrow(HttpProblem);
  });

  test('of a list by key is held to the form of its keys', () => {
    expect(keyCursor.decode('ledger', keyCursor.encode('ledger', '42'), /^\d+$/)).toBe('42');
    expect(() => keyCursor.decode('ledger', keyCursor.encode('ledger', '42; drop'), /^\d+$/)).toThrow(
      HttpProblem,
    );
  });

  test('that is rubbish is a refusal naming `after`, never another error', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String(), fc.json()), (text) => {
        const encoded = Buffer.from(text).toString('base64url');
        for (const offered of [text, encoded])
          try {
            timeCursor.decode('attempts', offered);
          } catch (error) {
            expect(error).toMatchObject({ status: 400, errors: [{ field: 'after' }] });
          }
      }),
    );
  });
});
