import { price, shares } from '@slipstream/money';
import type { MarketMeta, OrderUpdate } from '@slipstream/proto';
import { silentLogger } from '@slipstream/runtime';
import { describe, expect, test } from 'vitest';
import { Reporter } from './reporter.ts';
import { AT, aMarket, aVenueFill, CONDITION, ORDER, TOKEN } from './testing/builders.ts';
import { fakeBus } from './testing/fake-bus.ts';

function aReporter({ market = aMarket() }: { readonly market?: MarketMeta | null } = {}) {
  const bus = fakeBus();
  const markets = new Map(market === null ? [] : [[TOKEN, market]]);
  const wanted: string[] = [];
  const moved: string[] = [];
  const reporter = new Reporter({
    scope: 'EXEC_GLOBAL',
    publish: bus.publish,
    marketOf: (tokenId) => markets.get(tokenId),
    wantMarket: (tokenId) => wanted.push(tokenId),
    onFill: (fill) => moved.push(fill.status),
    log: silentLogger(),
  });
  return { reporter, bus, markets, wanted, moved };
}

const update = (over: Partial<OrderUpdate> = {}): OrderUpdate => ({
  scope: 'EXEC_GLOBAL',
  clobOrderId: ORDER,
  tokenId: TOKEN,
  conditionId: CONDITION,
  side: 'BUY',
  status: 'LIVE',
  priceMicros: price(520_000n),
  originalSizeMicros: shares(10_000_000n),
  sizeMatchedMicros: shares(0n),
  source: 'socket',
  at: AT.toISOString(),
  ...over,
});

describe('fills', () => {
  test('are told once for each status, never backwards, and again when the chain failed them', async () => {
    const { reporter, bus, moved } = aReporter();
    for (const status of [
      'MATCHED',
      'MATCHED',
      'MINED',
      'MATCHED',
      'RETRYING',
      'FAILED',
      'CONFIRMED',
    ] as const)
      await reporter.fills([aVenueFill({ status })]);
    expect(bus.fills.map((fill) => fill.status)).toEqual(['MATCHED', 'MINED', 'RETRYING', 'FAILED']);
    expect(moved).toHaveLength(4);
  });

  test('keep their order though many tell at once', async () => {
    const { reporter, bus } = aReporter();
    await Promise.all(
      (['MATCHED', 'MINED', 'CONFIRMED'] as const).map((status) => reporter.fills([aVenueFill({ status })])),
    );
    expect(bus.fills.map((fill) => fill.status)).toEqual(['MATCHED', 'MINED', 'CONFIRMED']);
  });

  test('wait for their market, ask for it, and are then told as they stand', async () => {
    const { reporter, bus, markets, wanted } = aReporter({ market: null });
    await reporter.fills([aVenueFill()]);
    await reporter.fills([aVenueFill({ status: 'MINED' })]);
    expect(bus.fills).toEqual([]);
    expect(wanted).toEqual([TOKEN, TOKEN]);
    expect(reporter.heldTokens()).toEqual([TOKEN]);
    expect(reporter.oldestUnsettled()).toEqual(AT);
    markets.set(TOKEN, aMarket());
    await reporter.onMarket(TOKEN);
    expect(bus.fills).toMatchObject([{ status: 'MINED', feeMicros: 124_800n }]);
    expect(reporter.heldTokens()).toEqual([]);
  });

  test('that could not be published are not known, so that the next look finds them', async () => {
    const { reporter, bus } = aReporter();
    bus.refuse(true);
    await expect(reporter.fills([aVenueFill()])).rejects.toThrow('away');
    bus.refuse(false);
    expect(await reporter.fills([aVenueFill()])).toMatchObject({ unheard: [{ tradeId: 't-1' }] });
    expect(await reporter.fills([aVenueFill({ status: 'MINED' })])).toEqual({ unheard: [] });
    expect(bus.fills).toHaveLength(2);
  });

  test('are open until they are settled', async () => {
    const { reporter } = aReporter();
    const earlier = new Date(AT.getTime() - 60_000);
    await reporter.fills([aVenueFill(), aVenueFill({ tradeId: 't-2', matchedAt: earlier })]);
    expect(reporter.oldestUnsettled()).toEqual(earlier);
    await reporter.fills([aVenueFill({ tradeId: 't-2', matchedAt: earlier, status: 'CONFIRMED' })]);
    expect(reporter.oldestUnsettled()).toEqual(AT);
    await reporter.fills([aVenueFill({ status: 'FAILED' })]);
    expect(reporter.oldestUnsettled()).toBeNull();
  });
});

describe('orders', () => {
  test('are told when they move, and known as open until they end', async () => {
    const { reporter, bus } = aReporter();
    await reporter.order(update());
    await reporter.order(update({ source: 'rest' }));
    await reporter.order(update({ sizeMatchedMicros: shares(4_000_000n) }));
    expect(reporter.openOrders()).toHaveLength(1);
    expect(reporter.conditionOf(ORDER)).toBe(CONDITION);
    await reporter.order(update({ status: 'CANCELED', sizeMatchedMicros: shares(4_000_000n) }));
    expect(bus.orders.map((order) => order.status)).toEqual(['LIVE', 'LIVE', 'CANCELED']);
    expect(reporter.openOrders()).toEqual([]);
  });
});
