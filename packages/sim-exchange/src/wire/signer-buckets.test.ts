import { describe, expect, test } from 'vitest';
import { BucketRules, type Charge, SignerBuckets } from './signer-buckets.ts';

const ORDER: Charge = { bucket: 'orders', tokens: 1 };
const rules = (more: object = {}) =>
  BucketRules.parse({ orders: { perSecond: 2, burst: 3 }, cancels: { perSecond: 4, burst: 8 }, ...more });

describe('a signer’s bucket', () => {
  test('is full at first, is emptied by orders and fills steadily', () => {
    const buckets = new SignerBuckets();
    const pay = (nowMs: number) => buckets.pay(rules(), 'anna', ORDER, nowMs);
    expect([pay(0), pay(0), pay(0), pay(0)].map(({ isEnough }) => isEnough)).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect(pay(499).isEnough).toBe(false);
    expect(pay(500).isEnough).toBe(true);
    expect(pay(500).isEnough).toBe(false);
    expect(pay(60_000).headers).toMatchObject({ 'poly-ratelimit-remaining': '2' });
  });

  test('pays for a batch as a whole or not at all', () => {
    const buckets = new SignerBuckets();
    const batch = { bucket: 'orders', tokens: 4 } as const;
    expect(buckets.pay(rules(), 'anna', batch, 0)).toEqual({
      isEnough: false,
      retryAfterS: 1,
      headers: {
        'poly-ratelimit-remaining': '3',
        'poly-ratelimit-reset': '0',
        'poly-ratelimit-tier': 'standard',
        'retry-after': '1',
      },
    });
    expect(buckets.pay(rules(), 'anna', { ...batch, tokens: 3 }, 0).isEnough).toBe(true);
  });

  test('is its own, and one for orders and one for cancels', () => {
    const buckets = new SignerBuckets();
    buckets.pay(rules(), 'anna', { bucket: 'orders', tokens: 3 }, 0);
    expect(buckets.pay(rules(), 'anna', ORDER, 0).isEnough).toBe(false);
    expect(buckets.pay(rules(), 'bert', ORDER, 0).isEnough).toBe(true);
    expect(buckets.pay(rules(), 'anna', { bucket: 'cancels', tokens: 8 }, 0).isEnough).toBe(true);
  });

  test('that only warns says so', () => {
    const buckets = new SignerBuckets();
    const { isEnough, headers } = buckets.pay(
      rules({ warnOnly: true }),
      'anna',
      { bucket: 'orders', tokens: 9 },
      0,
    );
    expect(isEnough).toBe(false);
    expect(headers).toHaveProperty('poly-ratelimit-warning');
    expect(headers).not.toHaveProperty('retry-after');
  });
});

test('without figures the rules are those of the standard tier', () => {
  expect(BucketRules.parse({})).toEqual({
    orders: { perSecond: 40, burst: 60 },
    cancels: { perSecond: 80, burst: 120 },
    warnOnly: false,
  });
});
