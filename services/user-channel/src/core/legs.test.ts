import { price, shares } from '@slipstream/money';
import { describe, expect, test } from 'vitest';
import { aMaker, aTrade, OPPOSITE, ORDER, OURS, THEIRS } from '../testing/builders.ts';
import { legsOf } from './legs.ts';

const theirMaker = { owner: THEIRS.apiKey, wallet: THEIRS.wallet } as const;

describe('our legs of a trade', () => {
  test('are the whole of it when we took', () => {
    expect(legsOf(aTrade({ makers: [aMaker(theirMaker)] }), OURS)).toMatchObject([
      { tradeId: 't-1', orderId: ORDER, side: 'BUY', liquidity: 'TAKER', sizeMicros: 10_000_000n },
    ]);
  });

  test('are our resting orders alone, with their own size, price and side, when somebody else took', () => {
    const trade = aTrade({
      ...theirMaker,
      makers: [
        aMaker(theirMaker),
        aMaker({ orderId: '0x3', sizeMicros: shares(2_000_000n), priceMicros: price(500_000n) }),
      ],
    });
    expect(legsOf(trade, OURS)).toMatchObject([
      { orderId: '0x3', side: 'SELL', liquidity: 'MAKER', sizeMicros: 2_000_000n, priceMicros: 500_000n },
    ]);
  });

  test('are not the taker’s where the exchange says that we rested, even if its row names us', () => {
    const trade = aTrade({ weRested: true, makers: [aMaker()] });
    expect(legsOf(trade, OURS)).toMatchObject([{ liquidity: 'MAKER' }]);
  });

  test('are found by the wallet where the key is another one, and by the key where the wallet is', () => {
    const byWallet = aTrade({ owner: THEIRS.apiKey });
    const byKey = aTrade({ wallet: THEIRS.wallet });
    for (const trade of [byWallet, byKey]) expect(legsOf(trade, OURS)).toHaveLength(1);
  });

  test.each([
    ['the same token', aMaker({ side: null }), 'SELL'],
    ['the opposite outcome', aMaker({ side: null, tokenId: OPPOSITE }), 'BUY'],
  ] as const)('get their side from the taker’s where the exchange leaves it out: %s', (_, maker, side) => {
    expect(legsOf(aTrade({ ...theirMaker, makers: [maker] }), OURS)).toMatchObject([{ side }]);
  });

  test('are two when we met ourselves, and none when neither is ours', () => {
    expect(legsOf(aTrade({ makers: [aMaker()] }), OURS)).toHaveLength(2);
    expect(legsOf(aTrade({ ...theirMaker, makers: [aMaker(theirMaker)] }), OURS)).toEqual([]);
  });
});
