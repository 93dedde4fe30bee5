import { describe, expect, test } from 'vitest';
import { isRejectCode, readOutcome } from './outcome.ts';

const ID = `0x${'9'.repeat(64)}`;
const SENT = { orderId: ID, side: 'BUY', makerMicros: 10_000_000n } as const;
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
  readOutcome(reply(status, body, retryAfterMs), SENT);

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
    ['10', '0'],
    ['10', '9.99'],
    ['10000000', '5000000'],
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
    ['Trading restricted in your region, please refer to available regions', 'GEOBLOCKED'],
  ])('reads the refusal “%s”', (error, code) => {
    const status = code === 'UNAUTHORIZED' ? 401 : code === 'GEOBLOCKED' ? 403 : 400;
    expect(read(status, { error })).toEqual({ kind: 'rejected', code });
    expect(isRejectCode(code)).toBe(true);
  });

  test('a sale that brings more than a dollar a share is no figure', () => {
    const sale = { ...SENT, side: 'SELL' } as const;
    const of = (takingAmount: string) =>
      readOutcome(reply(200, accepted({ makingAmount: '10', takingAmount })), sale);
    expect(of('9.99')).toMatchObject({ matched: { makingMicros: 10_000_000n, takingMicros: 9_990_000n } });
    expect(of('10.01')).toMatchObject({ kind: 'accepted', matched: null });
  });

  test('an answer about another order is none, and one in capitals is about ours', () => {
    expect(read(200, accepted({ orderID: `0x${'8'.repeat(64)}` }))).toMatchObject({
      kind: 'unknown',
      code: 'OTHER_ORDER',
    });
    const id = `0x${'a'.repeat(64)}`;
    const sent = { ...SENT, orderId: id };
    expect(
      readOutcome(reply(200, accepted({ orderID: id.toUpperCase().replace('0X', '0x') })), sent),
    ).toMatchObject({
      kind: 'accepted',
    });
  });

  test('keeps apart that it was sent before', () => {
    expect(read(400, { error: `order ${ID} is invalid. Duplicated.` })).toMatchObject({ code: 'DUPLICATED' });
    expect(read(500, { error: 'no' })).toMatchObject({ code: 'UNKNOWN' });
    expect(['KILLED', 'UNKNOWN', 'DUPLICATED', null].map(isRejectCode)).toEqual([false, false, false, false]);
  });

  test('waits as long as it is told, and a while when it is not', () => {
    expect(read(429, { error: 'rate limit' }, 7_000)).toMatchObject({
      kind: 'held',
      why: 'RATE_LIMITED',
      retryAfterMs: 7_000,
    });
    expect(read(425, { error: 'service not ready' })).toEqual({
      kind: 'held',
      why: 'RESTARTING',
      retryAfterMs: null,
    });
    expect(read(503, { error: 'post-only mode', retry_after_seconds: 120 })).toMatchObject({
      retryAfterMs: 120_000,
    });
    // For days it is not believed.
    expect(read(429, { error: 'rate limit' }, 999_999_000)).toMatchObject({ retryAfterMs: 300_000 });
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
    ['a success with words of refusal', 200, { success: true, error: 'invalid signature' }],
    ['words that nobody has seen', 400, { error: 'the moon is full' }],
    ['that it was sent before', 400, { error: `order ${ID} is invalid. Duplicated.` }],
    ['a delay', 400, { error: 'order match delayed due to market conditions' }],
    ['another 503', 503, { error: 'upstream timed out' }],
  ])('does not know after %s', (_, status, body) => {
    expect(read(status, body).kind).toBe('unknown');
  });

  test('does not know after silence', () => {
    expect(readOutcome({ kind: 'no-reply', cause: 'timeout' }, SENT).kind).toBe('unknown');
  });
});
