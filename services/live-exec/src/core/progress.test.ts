import { price, shares } from '@slipstream/money';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anOrder } from '../testing/builders.ts';
import { advance, type Progress } from './order-state.ts';
import { afterFills, afterFound, afterOutcome } from './progress.ts';

const ONE = 1_000_000n;
const order = anOrder();
const fill = (size: bigint, at: bigint, status: 'MATCHED' | 'FAILED' = 'MATCHED') => ({
  tradeId: `t${size}`,
  orderId: order.orderId,
  tokenId: order.tokenId,
  conditionId: order.conditionId,
  side: 'BUY' as const,
  sizeMicros: shares(size),
  priceMicros: price(at),
  liquidity: 'TAKER' as const,
  status,
  matchedAt: new Date(0),
  transactionHash: '',
});
const found = (status: 'LIVE' | 'MATCHED' | 'CANCELED', matched: bigint) => ({
  orderId: order.orderId,
  tokenId: order.tokenId,
  status,
  side: 'BUY' as const,
  originalSizeMicros: shares(20n * ONE),
  sizeMatchedMicros: shares(matched),
  priceMicros: price(500_000n),
  tradeIds: ['t1'],
});

describe('an order after what the exchange says', () => {
  test('is filled when all of it was matched, and when only dust is left', () => {
    const matched = (takingMicros: bigint) =>
      afterOutcome(
        order,
        {
          kind: 'accepted',
          status: 'matched',
          matched: { makingMicros: 10n * ONE, takingMicros },
          tradeIds: ['t'],
        },
        null,
      );
    expect(matched(20n * ONE)).toMatchObject({ status: 'FILLED', reason: null, fillCount: 1 });
    expect(matched(20n * ONE - 9_999n)).toMatchObject({ status: 'FILLED' });
    expect(matched(20n * ONE - 10_000n)).toMatchObject({ status: 'CANCELED', reason: 'INSUFFICIENT_DEPTH' });
    // A better price buys more shares for the same dollars.
    expect(matched(25n * ONE)).toMatchObject({ status: 'FILLED', filledSizeMicros: 25n * ONE });
  });

  test('costs what its trades cost, and the limit for what no trade tells of yet', () => {
    const fills = [fill(8n * ONE, 480_000n), fill(3n * ONE, 490_000n, 'FAILED')];
    expect(afterFound(order, found('MATCHED', 20n * ONE), fills, null)).toMatchObject({
      status: 'FILLED',
      filledNotionalMicros: 3_840_000n + 6_000_000n,
    });
    expect(afterFound(order, found('LIVE', 0n), [], null)).toMatchObject({ status: 'OPEN' });
    expect(afterFound(order, found('LIVE', 8n * ONE), fills, null)).toMatchObject({ status: 'PARTIAL' });
    expect(afterFound(order, found('CANCELED', 0n), [], null)).toMatchObject({
      status: 'CANCELED',
      reason: 'NO_LIQUIDITY_WITHIN_BOUNDS',
    });
  });

  test('is what its trades say where the exchange has forgotten it', () => {
    expect(afterFills(order, [], null)).toBeNull();
    expect(afterFills(order, [fill(20n * ONE, 500_000n)], null)).toMatchObject({ status: 'FILLED' });
  });
});

test('a late or repeated word never moves an order back, nor makes its figures smaller', () => {
  const progress: fc.Arbitrary<Progress> = fc
    .record({
      status: fc.constantFrom(
        'SUBMITTING',
        'SUBMISSION_UNKNOWN',
        'OPEN',
        'PARTIAL',
        'REJECTED',
        'CANCELED',
        'FILLED',
      ),
      size: fc.bigInt(0n, 20n),
      count: fc.integer({ min: 0, max: 3 }),
    })
    .map(({ status, size, count }) => ({
      status: status as Progress['status'],
      filledSizeMicros: size,
      filledNotionalMicros: size / 2n,
      feeMicros: 0n,
      fillCount: count,
      reason: null,
      code: null,
    }));
  const rank = ['SUBMITTING', 'SUBMISSION_UNKNOWN', 'OPEN', 'PARTIAL', 'REJECTED', 'CANCELED', 'FILLED'];
  fc.assert(
    fc.property(fc.array(progress, { minLength: 1, maxLength: 8 }), (words) => {
      let known = words[0];
      for (const word of words) {
        if (known === undefined) return;
        const next = advance(known, word);
        if (next === null) continue;
        expect(rank.indexOf(next.status)).toBeGreaterThanOrEqual(rank.indexOf(known.status));
        expect(next.filledSizeMicros >= known.filledSizeMicros && next.fillCount >= known.fillCount).toBe(
          true,
        );
        expect(advance(next, word)).toBeNull();
        known = next;
      }
    }),
  );
});
