import { expect, test } from 'vitest';
import { rpcTroubleOf } from './rpc-trouble.ts';

test.each([
  [-32_005, 'query returned more than 10000 results', 'too-wide'],
  [-32_602, 'eth_getLogs is limited to a 10,000 range', 'too-wide'],
  [-32_602, 'block range is too wide (maximum 10)', 'too-wide'],
  [
    -32_602,
    'Log response size exceeded. You can make eth_getLogs requests with up to a 2K block range and no limit',
    'too-wide',
  ],
  [-32_000, 'query exceeds max results 20000, retry with the range 24383075-24383096', 'too-wide'],
  [-32_005, 'request rate limit exceeded', 'rate-limited'],
  [-32_005, 'limit exceeded', 'rate-limited'],
  [429, 'slow down', 'rate-limited'],
  [-32_000, 'Your app has exceeded its compute units per second capacity', 'rate-limited'],
  [-32_601, 'the method eth_subscribe does not exist/is not available', 'other'],
  [-32_000, 'header not found', 'other'],
])('a refusal %d “%s” is %s', (code, message, trouble) => {
  expect(rpcTroubleOf(code, message)).toBe(trouble);
});
