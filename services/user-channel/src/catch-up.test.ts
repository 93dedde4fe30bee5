import type { AccountPort, VenueFill, VenueOrder } from '@slipstream/exchange';
import { shares } from '@slipstream/money';
import { fakeClock, silentLogger } from '@slipstream/runtime';
import { describe, expect, test } from 'vitest';
import { CatchUp, type Cursor } from './catch-up.ts';
import { Reporter } from './reporter.ts';
import { AT, aMarket, aVenueFill, aVenueOrder, CONDITION, ORDER } from './testing/builders.ts';
import { fakeBus } from './testing/fake-bus.ts';

const MINUTE_MS = 60_000;

function aLook(stored: Cursor | null = null) {
  const clock = fakeClock(AT);
  const bus = fakeBus();
  const venue: { fills: VenueFill[]; open: VenueOrder[]; orders: VenueOrder[]; since: (Date | undefined)[] } =
    {
      fills: [],
      open: [],
      orders: [],
      since: [],
    };
  const account: Pick<AccountPort, 'fills' | 'openOrders' | 'order'> = {
    fills: async ({ since }) => {
      venue.since.push(since);
      return venue.fills;
    },
    openOrders: async () => venue.open,
    order: async (orderId) => venue.orders.find((order) => order.orderId === orderId) ?? null,
  };
  const kept = { cursor: stored };
  const reporter = new Reporter({
    scope: 'EXEC_GLOBAL',
    publish: bus.publish,
    marketOf: () => aMarket(),
    wantMarket: () => undefined,
    onFill: () => undefined,
    log: silentLogger(),
  });
  const open = (): CatchUp =>
    new CatchUp({
      account,
      reporter,
      cursors: {
        get: async () => kept.cursor,
        put: async (_key, value) => {
          kept.cursor = value;
          return 1;
        },
      },
      conditionOf: () => CONDITION,
      scope: 'EXEC_GLOBAL',
      clock,
      log: silentLogger(),
    });
  return { clock, bus, venue, kept, reporter, open };
}

describe('the cursor', () => {
  test('begins with the first start: what was before belongs to what the account begins with', async () => {
    const { venue, kept, open } = aLook();
    await open().look();
    expect(venue.since).toEqual([AT]);
    expect(kept.cursor).toMatchObject({ cursor: AT.toISOString() });
  });

  test('is taken up after a restart, less an overlap, and moves on to the moment of asking', async () => {
    const stored = new Date(AT.getTime() - 60 * MINUTE_MS);
    const { venue, kept, open } = aLook({ cursor: stored.toISOString(), at: stored.toISOString() });
    await open().look();
    expect(venue.since).toEqual([new Date(stored.getTime() - 10 * MINUTE_MS)]);
    expect(kept.cursor).toMatchObject({ cursor: AT.toISOString() });
  });

  test('stays at the oldest fill that has not settled, but not for more than a day', async () => {
    const { venue, kept, clock, open } = aLook();
    const catchUp = open();
    await catchUp.look();
    venue.fills = [aVenueFill({ matchedAt: new Date(AT.getTime() + 1_000) })];
    await clock.advance(5 * MINUTE_MS);
    await catchUp.look();
    expect(kept.cursor?.cursor).toBe(new Date(AT.getTime() + 1_000).toISOString());
    await clock.advance(26 * 60 * MINUTE_MS);
    await catchUp.look();
    expect(kept.cursor?.cursor).toBe(new Date(clock.now().getTime() - 24 * 60 * MINUTE_MS).toISOString());
  });

  test('stays where it is when what was found cannot be published', async () => {
    const { venue, kept, clock, bus, open } = aLook();
    const catchUp = open();
    await catchUp.look();
    venue.fills = [aVenueFill()];
    bus.refuse(true);
    await clock.advance(MINUTE_MS);
    await expect(catchUp.look()).rejects.toThrow('away');
    expect(kept.cursor?.cursor).toBe(AT.toISOString());
    bus.refuse(false);
    await catchUp.look();
    expect(bus.fills).toHaveLength(1);
  });
});

describe('a look', () => {
  test('tells what was not told, once, and who should have told it by now', async () => {
    const { venue, bus, clock, open } = aLook();
    const catchUp = open();
    venue.fills = [aVenueFill(), aVenueFill({ tradeId: 't-2', matchedAt: new Date(AT.getTime() + 8_000) })];
    await clock.advance(10_000);
    expect(await catchUp.look()).toMatchObject([{ tradeId: 't-1' }]);
    expect(await catchUp.look()).toEqual([]);
    expect(bus.fills).toHaveLength(2);
  });

  test('begins after the one under way, and asks anew', async () => {
    const { venue, bus, open } = aLook();
    const catchUp = open();
    const first = catchUp.look();
    const second = catchUp.look();
    await first;
    venue.fills = [aVenueFill()];
    await second;
    expect(bus.fills).toHaveLength(1);
    expect(venue.since).toHaveLength(2);
  });

  test('asks what became of an order that is not open any more', async () => {
    const { venue, bus, open } = aLook();
    const catchUp = open();
    venue.open = [aVenueOrder()];
    await catchUp.look();
    venue.open = [];
    venue.orders = [aVenueOrder({ status: 'CANCELED', sizeMatchedMicros: shares(4_000_000n) })];
    await catchUp.look();
    await catchUp.look();
    expect(bus.orders).toMatchObject([
      { clobOrderId: ORDER, status: 'LIVE', source: 'rest', conditionId: CONDITION },
      { clobOrderId: ORDER, status: 'CANCELED', sizeMatchedMicros: 4_000_000n },
    ]);
  });
});
