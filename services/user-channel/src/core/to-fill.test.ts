import { price, shares } from '@slipstream/money';
import { copyFillLive, Fill } from '@slipstream/proto';
import { describe, expect, test } from 'vitest';
import { aMarket, aVenueFill, ORDER } from '../testing/builders.ts';
import { fillIdOf, toFill } from './to-fill.ts';

describe('a fill', () => {
  test('of a taker carries the fee of the market’s own schedule and an amount rounded against us', () => {
    const odd = aVenueFill({ sizeMicros: shares(10_000_001n), priceMicros: price(333_333n) });
    const answer = toFill(odd, 'EXEC_GLOBAL', aMarket());
    expect(answer).toMatchObject({
      kind: 'fill',
      fill: {
        fillId: 't-1',
        origin: 'UNATTRIBUTED',
        leaderId: null,
        attemptId: null,
        notionalMicros: 3_333_331n,
        feeMicros: 111_110n,
      },
    });
    expect(toFill({ ...odd, side: 'SELL' }, 'EXEC_GLOBAL', aMarket())).toMatchObject({
      fill: { notionalMicros: 3_333_330n },
    });
  });

  test('of a taker waits for a market that is not known, whatever other markets charge', () => {
    expect(toFill(aVenueFill(), 'EXEC_GLOBAL', undefined)).toEqual({ kind: 'needs-market' });
  });

  test('of a maker costs nothing, needs no market, and is named for its order, too', () => {
    const made = aVenueFill({ liquidity: 'MAKER' });
    expect(fillIdOf(made)).toBe(`t-1:${ORDER}`);
    expect(toFill(made, 'EXEC_GLOBAL', undefined)).toMatchObject({ kind: 'fill', fill: { feeMicros: 0n } });
  });

  test('is a message that the channel takes', () => {
    const answer = toFill(aVenueFill({ liquidity: 'MAKER' }), 'EXEC_GLOBAL', undefined);
    if (answer.kind !== 'fill') throw new Error('no fill');
    expect(Fill.decode(Fill.encode(answer.fill))).toEqual(answer.fill);
    expect(copyFillLive.messageId(answer.fill)).toBe(`t-1:${ORDER}:MATCHED`);
  });
});
