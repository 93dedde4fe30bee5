import { expect, test } from 'vitest';
import { isVersionEnough } from './connect.ts';

test.each([
  ['2.12.0', true],
  ['2.15.1', true],
  ['3.0.0', true],
  ['2.12.0-RC.1', true],
  ['2.11.9', false],
  ['2.9.10', false],
  ['1.99.0', false],
  ['unknown', false],
])('a server of version %s is enough: %j', (version, enough) => {
  expect(isVersionEnough(version)).toBe(enough);
});
