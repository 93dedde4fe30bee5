import { describe, expect, test } from 'vitest';
import { parseJsonText } from './json-text.ts';

describe('parseJsonText', () => {
  test('gives a number as the text that stood there, however long', () => {
    expect(
      parseJsonText('{"price":0.5599999234188139,"size":123456789012345678901234.5,"n":[1e-7,-0]}'),
    ).toEqual({
      price: '0.5599999234188139',
      size: '123456789012345678901234.5',
      n: ['1e-7', '-0'],
    });
  });

  test('leaves everything else as it is', () => {
    expect(parseJsonText('{"a":"1","b":true,"c":null}')).toEqual({ a: '1', b: true, c: null });
  });

  test('refuses what is not JSON', () => {
    expect(() => parseJsonText('INVALID OPERATION')).toThrow(SyntaxError);
  });
});
