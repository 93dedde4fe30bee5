import { Poison } from '@slipstream/bus';
import { bps, shares, usd } from '@slipstream/money';
import { describe, expect, test } from 'vitest';
import { aTrade, withGuardrails } from '../test/builders.ts';
import { anAccount, createHarness } from '../test/harness.ts';

describe('onLeaderTrades', () => {
  test('with a window of nothing decides in the same transaction and announces after it', async () => {
    const { deliver, seen, decisions } = createHarness(0);
    await deliver(aTrade(1), aTrade(2));
    expect(seen).toEqual(['commit 2 parts, 2 groups, 2 attempts', 'push g:lt_1 g:lt_2']);
    expect(decisions()).toMatchObject([
      { groupKey: 'g:lt_1', decision: 'EXECUTE', sourceType: 'IMMEDIATE' },
      { groupKey: 'g:lt_2', decision: 'EXECUTE' },
    ]);
  });

  test('with a window stores the group and decides when it ends', async () => {
    const { deliver, seen, clock, decisions, ports } = createHarness(250);
    await deliver(aTrade(1));
    await clock.advance(100);
    await deliver(aTrade(2));
    expect(seen).toEqual([
      'commit 1 parts, 1 groups, 0 attempts',
      'push ',
      'commit 1 parts, 1 groups, 0 attempts',
      'push ',
    ]);
    await clock.advance(149);
    expect(decisions()).toEqual([]);
    await clock.advance(1);
    expect(decisions()).toMatchObject([
      {
        groupKey: 'g:lt_1',
        tradeIds: ['lt_1', 'lt_2'],
        sourceType: 'AGGREGATOR',
        leaderSizeMicros: 200_000_000n,
      },
    ]);
    expect(ports.groups.all()).toEqual([]);
    expect(clock.pending()).toEqual([]);
  });

  test('a redelivered trade changes nothing, in its window and after its decision', async () => {
    const { deliver, seen, clock, decisions, tables } = createHarness(250);
    await deliver(aTrade(1));
    await deliver(aTrade(1));
    await clock.advance(250);
    await deliver(aTrade(1));
    expect(decisions()).toHaveLength(1);
    expect(tables.groups.get('PAPER g:lt_1')?.sizeMicros).toBe(100_000_000n);
    expect(seen.filter((effect) => effect.startsWith('commit'))).toEqual([
      'commit 1 parts, 1 groups, 0 attempts',
      'commit 0 parts, 1 groups, 1 attempts',
    ]);
  });

  test('without a configuration decides at once: paused, on record', async () => {
    const { deliver, world, decisions } = createHarness(250);
    world.config = null;
    await deliver(aTrade(1));
    expect(decisions()).toMatchObject([{ decision: 'SKIP', reasons: ['ENGINE_PAUSED'], configVersion: 0 }]);
  });

  test('a trade that cannot be is poison, before anything is stored', async () => {
    const { deliver, seen } = createHarness(0);
    await expect(deliver(aTrade(1), aTrade(2, { sizeMicros: shares(0n) }))).rejects.toThrow(Poison);
    expect(seen).toEqual([]);
  });

  test('a commit that fails is forgotten; the trade comes again and is decided once', async () => {
    const { deliver, world, decisions, desk } = createHarness(0);
    world.failure = 'before';
    await expect(deliver(aTrade(1))).rejects.toThrow('away');
    expect(desk.isSound()).toBe(false);
    await deliver(aTrade(1));
    expect(decisions()).toHaveLength(1);
    expect(desk.isSound()).toBe(true);
  });

  test('a commit whose answer is lost is found again, and its group is decided', async () => {
    const { deliver, world, decisions, desk, clock } = createHarness(250);
    world.failure = 'after';
    await expect(deliver(aTrade(1))).rejects.toThrow('lost');
    await desk.open();
    await deliver(aTrade(1));
    await clock.advance(250);
    expect(decisions()).toMatchObject([{ tradeIds: ['lt_1'] }]);
  });

  test('each decision of a burst sees the cash that the ones before it hold back', async () => {
    const { deliver, world, decisions } = createHarness(0);
    // Each copy takes 5 dollars and a fee of 12.5 cents; there is cash for three, and equity for all.
    const worth = {
      leaderId: null,
      tokenId: '9',
      conditionId: '0x9',
      sharesMicros: shares(10n ** 10n),
      markMicros: null,
    };
    world.config = withGuardrails({ maxTotalExposureBps: bps(10_000n) });
    world.account = anAccount({
      cashMicros: usd(15_500_000n),
      depositedMicros: usd(0n),
      positions: { of: () => shares(0n), all: () => [{ ...worth, markMicros: aTrade(1).priceMicros }] },
    });
    await deliver(...Array.from({ length: 5 }, (_, i) => aTrade(i + 1)));
    expect(decisions().map(({ decision, reasons }) => [decision, ...reasons])).toEqual([
      ['EXECUTE'],
      ['EXECUTE'],
      ['EXECUTE'],
      ['SKIP', 'NOT_ENOUGH_CASH'],
      ['SKIP', 'NOT_ENOUGH_CASH'],
    ]);
    world.finalAttempts = decisions().map(({ attemptId }) => attemptId);
    await deliver(aTrade(6));
    expect(decisions()[5]).toMatchObject({ decision: 'EXECUTE' });
  });
});
