import { describe, expect, test } from 'vitest';
import { readOutcome } from './outcome.ts';

const ID = `0x${'9'.repeat(64)}`;
const MAKER = 10_000_000n;
const reply = (status: number, body: unknown, retryAfterMs: number | null = null) =>
  ({
    kind: 'reply',
    status,
    text: typeof body === 'string' ? body : JSON.stringify(body),
    retryAfterMs,
  }) as const;
const accepted = (over: object) => ({
  success: true,
  errorMsg: '',
  orderID: ID,
  status: 'matched',
  makingAmount: '10',
  takingAmount: '20',
  tradeIDs: ['t1'],
  ...over,
});
const read = (status: number, body: unknown, retryAfterMs: number | null = null) =>
  readOutcome(reply(status, body, retryAfterMs), MAKER);

describe('readOutcome', () => {
  test.each([
    ['plain decimals', '9.5', '19', 9_500_000n, 19_000_000n],
    ['whole dollars', '10', '20', 10_000_000n, 20_000_000n],
    ['fixed point', '10000000', '20000000', 10_000_000n, 20_000_000n],
    ['fixed point that got a better price', '9500000', '20000000', 9_500_000n, 20_000_000n],
  ])('reads what was matched in %s', (_, makingAmount, takingAmount, makingMicros, takingMicros) => {
    expect(read(200, accepted({ makingAmount, takingAmount }))).toEqual({
      kind: 'accepted',
      status: 'matched',
      matched: { makingMicros, takingMicros },
      tradeIds: ['t1'],
    });
  });

  test.each([
    ['', ''],
    ['0', '0'],
    ['11.5', '20'],
    ['-1', '2'],
    ['1e3', '5'],
    ['99999999999', '5'],
  ])('does not guess figures that cannot be (%j, %j)', (makingAmount, takingAmount) => {
    expect(read(200, accepted({ makingAmount, takingAmount }))).toMatchObject({
      kind: 'accepted',
      matched: null,
    });
  });

  test.each(['live', 'delayed', 'unmatched', 'MATCHED'])('takes %s as accepted', (status) => {
    expect(read(200, accepted({ status }))).toMatchObject({ kind: 'accepted', status: status.toLowerCase() });
  });

  test.each([
    'no orders found to match with FAK order. FAK orders are partially filled or killed if no match is found.',
    "order couldn't be fully filled. FOK orders are fully filled or killed.",
  ])('a kill is how such orders end: %s', (error) => {
    expect(read(400, { error })).toEqual({ kind: 'killed' });
  });

  test.each([
    [
      'not enough balance / allowance: the balance is not enough -> balance: 0, order amount: 10',
      'NOT_ENOUGH_BALANCE',
    ],
    ['not enough balance / allowance: the allowance is not enough -> spender: 0x, allowance: 0', 'ALLOWANCE'],
    [`order ${ID} is invalid. Price (0.503) breaks minimum tick size rule: 0.01`, 'MIN_TICK'],
    [`order ${ID} is invalid. Size (1) lower than the minimum: 5`, 'MIN_SIZE'],
    ['order_version_mismatch', 'VERSION_MISMATCH'],
    ['invalid POLY_PROXY signature', 'INVALID_SIGNATURE'],
    ["'0xabc' address in closed only mode", 'CLOSED_ONLY'],
    ['No orderbook exists for the requested token id', 'MARKET_CLOSED'],
    ['Unauthorized/Invalid api key', 'UNAUTHORIZED'],
  ])('reads the refusal “%s”', (error, code) => {
    expect(read(code === 'UNAUTHORIZED' ? 401 : 400, { error })).toEqual({ kind: 'rejected', code });
  });

  test('waits as long as it is told, and a while when it is not', () => {
    expect(read(429, { error: 'rate limit' }, 7_000)).toMatchObject({
      kind: 'held',
      why: 'RATE_LIMITED',
      retryAfterMs: 7_000,
    });
    expect(read(425, { error: 'service not ready' })).toMatchObject({ kind: 'held', why: 'RESTARTING' });
    expect(
      read(503, { error: 'post-only mode: only post-only orders and cancels are allowed' }, 60_000),
    ).toMatchObject({
      kind: 'held',
      why: 'POST_ONLY',
      retryAfterMs: 60_000,
    });
    expect(read(503, { error: 'Trading is currently cancel-only.' })).toMatchObject({
      kind: 'held',
      why: 'CANCEL_ONLY',
    });
  });

  test.each([
    ['a server error', 500, { error: 'could not run the execution' }],
    ['an error of a gateway', 502, '<html>Bad Gateway</html>'],
    ['a page of a proxy', 403, '<html>Attention Required! | Cloudflare</html>'],
    ['a broken body', 200, '{"success":tru'],
    ['an empty body', 200, ''],
    ['a success without an order', 200, { success: true, orderID: '' }],
    ['words that nobody has seen', 400, { error: 'the moon is full' }],
    ['that it was sent before', 400, { error: `order ${ID} is invalid. Duplicated.` }],
    ['a delay', 400, { error: 'order match delayed due to market conditions' }],
    ['another 503', 503, { error: 'upstream timed out' }],
  ])('does not know after %s', (_, status, body) => {
    expect(read(status, body).kind).toBe('unknown');
  });

  test('does not know after silence', () => {
    expect(readOutcome({ kind: 'no-reply', cause: 'timeout' }, MAKER).kind).toBe('unknown');
  });
});
