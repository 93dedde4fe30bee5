import { type Bps, bps, shares, usd } from '@slipstream/money';
import type { Buffering } from '@slipstream/proto';
import { describe, expect, test } from 'vitest';
import { aTrade, withSizing } from '../test/builders.ts';
import { createHarness } from '../test/harness.ts';

type Harness = ReturnType<typeof createHarness>;

/** Each trade is for 50 dollars: at this rate its copy is 20 cents, two stay under the least of a flush, three do not. */
const TWENTY_CENTS = bps(40n);
const FIVE_CENTS = bps(10n);
const ONE_CENT = bps(2n);

function buffering(rate: Bps, over: Partial<Buffering> = {}, windowMs = 0): Harness {
  const harness = createHarness(windowMs);
  harness.world.buffering = { ...harness.world.buffering, enabled: true, ...over };
  harness.world.config = withSizing({ copyPctNotionalBps: rate });
  return harness;
}
const statuses = ({ tables }: Harness) => [...tables.groups.values()].map(({ status }) => status);
const quietly = (work: Promise<unknown>): Promise<unknown> => work.catch(() => undefined);
/** What is left once nothing waits any more: the trades of every attempt. */
const tradesOf = ({ decisions }: Harness) => decisions().flatMap(({ tradeIds }) => tradeIds);
/** Nothing is left over: in the tables, in memory, or on the clock. */
function expectNothingOpen(harness: Harness): void {
  expect(new Set(statuses(harness))).toEqual(new Set(['DONE']));
  expect([harness.ports.groups.all(), harness.ports.buckets.count()]).toEqual([[], 0]);
  expect(harness.clock.pending()).toEqual([]);
}

describe('small trades', () => {
  test('wait for one another and go together when it is quiet', async () => {
    const harness = buffering(TWENTY_CENTS);
    await harness.deliver(aTrade(1));
    await harness.clock.advance(500);
    await harness.deliver(aTrade(2));
    await harness.clock.advance(599);
    expect(harness.decisions()).toEqual([]);
    expect(statuses(harness)).toEqual(['BUFFERED', 'BUFFERED']);
    await harness.clock.advance(1);
    expect(harness.decisions()).toMatchObject([
      {
        groupKey: 'g:lt_1',
        sourceType: 'BUFFER',
        decision: 'EXECUTE',
        tradeIds: ['lt_1', 'lt_2'],
        leaderSizeMicros: 200_000_000n,
        leaderNotionalMicros: 100_000_000n,
      },
    ]);
    expectNothingOpen(harness);
  });

  test('are not scaled again when their bucket is decided', async () => {
    const harness = buffering(TWENTY_CENTS);
    harness.world.config = withSizing({ copyPctNotionalBps: TWENTY_CENTS, minTradeNotionalMicros: usd(0n) });
    await harness.deliver(aTrade(1), aTrade(2));
    await harness.clock.advance(600);
    expect(harness.decisions()).toMatchObject([{ targetNotionalMicros: 400_000n }]);
  });

  test('go after the longest wait even where it is never quiet', async () => {
    const harness = buffering(FIVE_CENTS);
    for (let n = 1; n <= 9; n += 1) {
      await harness.deliver(aTrade(n));
      if (n < 9) await harness.clock.advance(300);
    }
    await harness.clock.advance(99);
    expect(harness.decisions()).toEqual([]);
    await harness.clock.advance(1);
    expect(harness.decisions()).toMatchObject([{ sourceType: 'BUFFER', decision: 'EXECUTE' }]);
    expect(tradesOf(harness)).toHaveLength(9);
    expectNothingOpen(harness);
  });

  test('that together are not worth executing wait to the end and are a skip on record', async () => {
    const harness = buffering(ONE_CENT);
    await harness.deliver(aTrade(1), aTrade(2));
    await harness.clock.advance(2_499);
    expect(harness.decisions()).toEqual([]);
    await harness.clock.advance(1);
    expect(harness.decisions()).toMatchObject([
      { decision: 'SKIP', reasons: ['BUFFER_FLUSH_BELOW_MIN_EXEC'], tradeIds: ['lt_1', 'lt_2'] },
    ]);
    expectNothingOpen(harness);
  });

  test('go at once when together they are worth it', async () => {
    const harness = buffering(TWENTY_CENTS);
    await harness.deliver(aTrade(1), aTrade(2));
    await harness.deliver(aTrade(3));
    expect(harness.decisions()).toMatchObject([
      { groupKey: 'g:lt_1', sourceType: 'BUFFER', tradeIds: ['lt_1', 'lt_2', 'lt_3'] },
    ]);
    expectNothingOpen(harness);
  });

  test('go with a large one', async () => {
    const harness = buffering(TWENTY_CENTS);
    await harness.deliver(aTrade(1));
    const { sizeMicros, notionalMicros } = aTrade(2);
    const large = { sizeMicros: shares(sizeMicros * 100n), notionalMicros: usd(notionalMicros * 100n) };
    await harness.deliver(aTrade(2, large));
    expect(harness.decisions()).toMatchObject([{ sourceType: 'BUFFER', tradeIds: ['lt_1', 'lt_2'] }]);
    await harness.deliver(aTrade(3, large));
    expect(harness.decisions()[1]).toMatchObject({ sourceType: 'IMMEDIATE', tradeIds: ['lt_3'] });
    expectNothingOpen(harness);
  });

  test('of the other side send them off first, and wait themselves', async () => {
    const harness = buffering(TWENTY_CENTS);
    await harness.deliver(aTrade(1), aTrade(2));
    await harness.deliver(aTrade(3, { side: 'SELL' }));
    expect(harness.decisions()).toMatchObject([{ side: 'BUY', tradeIds: ['lt_1', 'lt_2'] }]);
    await harness.clock.advance(600);
    expect(harness.decisions()[1]).toMatchObject({ side: 'SELL', tradeIds: ['lt_3'], sourceType: 'BUFFER' });
    expectNothingOpen(harness);
  });

  test('net where both sides may share a bucket', async () => {
    const harness = buffering(TWENTY_CENTS, { nettingMode: 'netBuySell' });
    await harness.deliver(aTrade(1), aTrade(2), aTrade(3, { side: 'SELL' }));
    await harness.clock.advance(600);
    expect(harness.decisions()).toMatchObject([
      { side: 'BUY', tradeIds: ['lt_1', 'lt_2', 'lt_3'], leaderSizeMicros: 100_000_000n },
    ]);
    await harness.deliver(aTrade(4), aTrade(5, { side: 'SELL' }));
    await harness.clock.advance(2_500);
    expect(harness.decisions()[1]).toMatchObject({
      reasons: ['BUFFER_FLUSH_BELOW_MIN_EXEC'],
      tradeIds: ['lt_4', 'lt_5'],
    });
    expectNothingOpen(harness);
  });

  test('of other leaders, tokens or modes share no bucket', async () => {
    const harness = buffering(TWENTY_CENTS);
    harness.world.modes = ['PAPER', 'LIVE'];
    harness.world.switches = harness.world.switches && { ...harness.world.switches, liveTradingState: 'ON' };
    await harness.deliver(aTrade(1), aTrade(2, { leaderId: 'L2' }), aTrade(3, { tokenId: '3' }));
    expect(harness.ports.buckets.count()).toBe(6);
    await harness.clock.advance(600);
    expect(
      harness
        .decisions()
        .map(({ mode, tradeIds }) => `${mode} ${tradeIds}`)
        .sort(),
    ).toEqual(['LIVE lt_1', 'LIVE lt_2', 'LIVE lt_3', 'PAPER lt_1', 'PAPER lt_2', 'PAPER lt_3']);
  });

  test('of one window wait as one group', async () => {
    const harness = buffering(FIVE_CENTS, {}, 250);
    await harness.deliver(aTrade(1), aTrade(2));
    await harness.clock.advance(250);
    expect(statuses(harness)).toEqual(['BUFFERED']);
    await harness.deliver(aTrade(3));
    await harness.clock.advance(850);
    expect(harness.decisions()).toMatchObject([
      { sourceType: 'BUFFER', tradeIds: ['lt_1', 'lt_2', 'lt_3'], leaderSizeMicros: 300_000_000n },
    ]);
    expectNothingOpen(harness);
  });
});

describe('a flushed bucket', () => {
  test('waits for its book as a whole, also across a recall', async () => {
    const harness = buffering(TWENTY_CENTS);
    await harness.deliver(aTrade(1), aTrade(2));
    harness.world.book = null;
    await harness.clock.advance(600);
    expect(statuses(harness)).toEqual(['WAITING', 'DONE']);
    await harness.desk.hold([0]);
    await harness.clock.advance(500);
    expect(harness.decisions()).toMatchObject([
      { sourceType: 'BUFFER', reasons: ['NO_FRESH_BOOK'], tradeIds: ['lt_1', 'lt_2'] },
    ]);
    expectNothingOpen(harness);
  });

  test('is not the bucket of the trades that come after it', async () => {
    const harness = buffering(TWENTY_CENTS);
    await harness.deliver(aTrade(1));
    harness.world.book = null;
    await harness.clock.advance(600);
    await harness.deliver(aTrade(2));
    await harness.clock.advance(2_500);
    expect(harness.decisions().map(({ tradeIds }) => tradeIds)).toEqual([['lt_1'], ['lt_2']]);
    expectNothingOpen(harness);
  });
});

describe('rules that change while a bucket waits', () => {
  test('to disabled: the next trade takes it along', async () => {
    const harness = buffering(TWENTY_CENTS);
    await harness.deliver(aTrade(1));
    harness.world.buffering = { ...harness.world.buffering, enabled: false };
    await harness.deliver(aTrade(2));
    expect(tradesOf(harness)).toEqual(['lt_1', 'lt_2']);
    expectNothingOpen(harness);
  });

  test('to disabled: without another trade it goes when it would have gone', async () => {
    const harness = buffering(ONE_CENT);
    await harness.deliver(aTrade(1));
    harness.world.buffering = { ...harness.world.buffering, enabled: false };
    await harness.clock.advance(2_500);
    expect(tradesOf(harness)).toEqual(['lt_1']);
    expectNothingOpen(harness);
  });

  test('to netting: the bucket of one side ends by itself, and nothing is lost', async () => {
    const harness = buffering(TWENTY_CENTS);
    await harness.deliver(aTrade(1));
    harness.world.buffering = { ...harness.world.buffering, nettingMode: 'netBuySell' };
    await harness.deliver(aTrade(2), aTrade(3, { side: 'SELL' }));
    await harness.clock.advance(2_500);
    expect(tradesOf(harness).sort()).toEqual(['lt_1', 'lt_2', 'lt_3']);
    expectNothingOpen(harness);
  });

  test('from netting: two sides that wait together stay together', async () => {
    const harness = buffering(TWENTY_CENTS, { nettingMode: 'netBuySell' });
    await harness.deliver(aTrade(1), aTrade(2, { side: 'SELL' }));
    harness.world.buffering = { ...harness.world.buffering, nettingMode: 'sameSideOnly' };
    await harness.deliver(aTrade(3), aTrade(4, { side: 'SELL' }));
    await harness.clock.advance(2_500);
    expect(tradesOf(harness).sort()).toEqual(['lt_1', 'lt_2', 'lt_3', 'lt_4']);
    expectNothingOpen(harness);
  });
});

describe('a bucket survives', () => {
  test.each(['before', 'after'] as const)('a commit that fails %s it is stored', async (failure) => {
    const harness = buffering(TWENTY_CENTS);
    await harness.deliver(aTrade(1));
    harness.world.failure = failure;
    await expect(harness.deliver(aTrade(2))).rejects.toThrow();
    await harness.deliver(aTrade(2));
    await harness.clock.advance(600);
    expect(harness.decisions()).toMatchObject([{ tradeIds: ['lt_1', 'lt_2'] }]);
    expect(harness.world.recalls).toBe(2);
    expectNothingOpen(harness);
  });

  test.each(['before', 'after'] as const)('a flush whose commit fails %s it is stored', async (failure) => {
    const harness = buffering(TWENTY_CENTS);
    await harness.deliver(aTrade(1), aTrade(2));
    harness.world.failure = failure;
    await expect(harness.clock.advance(600)).rejects.toThrow();
    await harness.desk.open();
    await harness.clock.advance(600);
    expect(harness.decisions()).toMatchObject([{ sourceType: 'BUFFER', tradeIds: ['lt_1', 'lt_2'] }]);
    expectNothingOpen(harness);
  });

  test.each([TWENTY_CENTS, FIVE_CENTS, ONE_CENT])(
    'a long afternoon of failures, every trade in one attempt, at %i bps',
    async (rate) => {
      const harness = buffering(rate, {}, 100);
      const failures = [null, 'after', null, 'before', 'another', null, null] as const;
      const ids: string[] = [];
      for (let n = 1; n <= 60; n += 1) {
        ids.push(`lt_${n}`);
        harness.world.failure = failures[n % failures.length] ?? null;
        const trade = aTrade(n, { side: n % 7 === 0 ? 'SELL' : 'BUY', tokenId: `${n % 2}` });
        await quietly(harness.deliver(trade));
        await quietly(harness.clock.advance((n * 37) % 400));
        await harness.desk.open();
        await harness.deliver(trade);
      }
      harness.world.failure = null;
      await harness.clock.advance(10_000);
      expect(tradesOf(harness).sort()).toEqual(ids.sort());
      expectNothingOpen(harness);
    },
  );
});
