import { price, shares, usd } from '@slipstream/money';
import { type CapitalStop, PAPER_SCOPE, type PortfolioSnapshot } from '@slipstream/proto';
import { describe, expect, test } from 'vitest';
import { aTrade, CONDITION, LEADER, LIVE, NOW, PAPER, TOKEN } from '../test/builders.ts';
import { anAccount, createHarness } from '../test/harness.ts';

type Harness = ReturnType<typeof createHarness>;

const MINUTE_MS = 60_000;
const minute = (n: number): string => new Date(NOW.getTime() + n * MINUTE_MS).toISOString();

/** Of the n-th minute: what the leader's slice has made, in dollars. */
const figure = (
  n: number,
  profit: bigint | null,
  over: Partial<PortfolioSnapshot> = {},
): PortfolioSnapshot => ({
  mode: 'PAPER',
  scope: PAPER_SCOPE,
  leaderId: LEADER,
  bucketTime: minute(n),
  cashMicros: usd(0n),
  exposureMicros: usd(0n),
  equityMicros: null,
  realizedPnlMicros: usd(1_000_000n),
  unrealizedPnlMicros: profit === null ? null : usd(profit * 1_000_000n - 1_000_000n),
  feesMicros: usd(0n),
  peakProfitMicros: usd(0n),
  openPositions: 1,
  unpricedPositions: 0,
  ...over,
});

/** 2 000 dollars of capital and a trail of 20 %; 40 shares of his token are held. */
function stopping(action: CapitalStop['action'], over: Partial<CapitalStop> = {}): Harness {
  const harness = createHarness(0);
  const { world } = harness;
  world.capitalStop = { ...world.capitalStop, enabled: true, action, ...over };
  const held = { leaderId: LEADER, tokenId: TOKEN, conditionId: CONDITION };
  const position = { ...held, sharesMicros: shares(40_000_000n), markMicros: price(490_000n) };
  const of = (leaderId: string) => shares(leaderId === LEADER ? 40_000_000n : 0n);
  world.account = anAccount({ positions: { of, all: () => [position] } });
  return harness;
}
const lineOf = ({ ports }: Harness) => ports.stops.of(PAPER, LEADER);
const exits = ({ decisions }: Harness) => decisions().filter((a) => a.sourceType === 'CAPITAL_STOP');

describe('the line of a leader', () => {
  test('rises with his highest profit and is stored with each figure', async () => {
    const harness = stopping('pause');
    await harness.snapshot(figure(1, 100n), figure(2, 300n));
    await harness.snapshot(figure(3, 50n));
    expect(lineOf(harness)).toMatchObject({
      baseMicros: 0n,
      peakMicros: 300_000_000n,
      profitMicros: 50_000_000n,
      asOf: new Date(minute(3)),
      trip: null,
    });
    expect([...harness.tables.stops.values()]).toEqual([lineOf(harness)]);
  });

  test('is not moved by an older figure, by one of the whole account, or by one that is not known', async () => {
    const harness = stopping('pause');
    await harness.snapshot(figure(3, 100n));
    const before = lineOf(harness);
    await harness.snapshot(
      figure(2, 900n),
      figure(3, 900n),
      figure(4, 900n, { leaderId: null }),
      figure(5, null),
    );
    expect(lineOf(harness)).toEqual(before);
  });

  test('is drawn only for a leader who has a stop', async () => {
    const harness = stopping('close', { enabled: false });
    await harness.snapshot(figure(1, 0n), figure(2, -2_000n));
    harness.world.config = null;
    await harness.snapshot(figure(3, -2_000n));
    expect(lineOf(harness)).toBeNull();
    expect(harness.seen).toEqual([]);
  });

  test('is each leader’s own, and each mode’s', async () => {
    const harness = stopping('pause');
    await harness.snapshot(
      figure(1, 0n),
      figure(1, 500n, { leaderId: 'L2' }),
      figure(1, 7n, { mode: 'LIVE' }),
    );
    expect(harness.ports.stops.of(PAPER, 'L2')?.profitMicros).toBe(500_000_000n);
    expect(harness.ports.stops.of(LIVE, LEADER)?.profitMicros).toBe(7_000_000n);
    expect(lineOf(harness)?.profitMicros).toBe(0n);
  });

  test('survives a recall', async () => {
    const harness = stopping('pause');
    await harness.snapshot(figure(1, 0n), figure(2, -401n));
    const before = lineOf(harness);
    await harness.desk.hold([0]);
    expect(lineOf(harness)).toEqual(before);
  });
});

describe('a stop that pauses', () => {
  test('trips only under the line, and then holds back what would be bought', async () => {
    const harness = stopping('pause');
    await harness.snapshot(figure(1, 100n), figure(2, -320n));
    expect(lineOf(harness)?.trip).toBeNull();
    await harness.snapshot(figure(3, -321n));
    expect(lineOf(harness)?.trip).toEqual({ at: new Date(minute(3)), action: 'pause' });
    await harness.deliver(aTrade(1), aTrade(2, { leaderId: 'L2' }), aTrade(3, { side: 'SELL' }));
    expect(
      harness
        .decisions()
        .map(({ leaderId, side, reasons, details }) => [leaderId, side, ...reasons, ...details]),
    ).toEqual([
      [LEADER, 'BUY', 'CIRCUIT_BREAKER_TRIPPED', 'CAPITAL_STOP'],
      ['L2', 'BUY'],
      expect.not.arrayContaining(['CIRCUIT_BREAKER_TRIPPED']),
    ]);
    expect(exits(harness)).toEqual([]);
  });

  test('stays tripped when he recovers, until a person clears it', async () => {
    const harness = stopping('pause');
    await harness.snapshot(figure(1, 0n), figure(2, -401n), figure(3, 900n));
    await harness.deliver(aTrade(1));
    expect(harness.decisions()[0]?.details).toEqual(['CAPITAL_STOP']);
    harness.world.stopClearedAt = minute(4);
    await harness.deliver(aTrade(2));
    expect(harness.decisions()[1]).toMatchObject({ decision: 'EXECUTE' });
    // What was measured before the clearing was cleared; the line begins anew with the first figure after it.
    await harness.snapshot(figure(3, -900n));
    await harness.snapshot(figure(5, -500n), figure(6, -899n));
    expect(lineOf(harness)).toMatchObject({ baseMicros: -500_000_000n, trip: null });
    await harness.snapshot(figure(7, -901n));
    expect(lineOf(harness)?.trip).toMatchObject({ at: new Date(minute(7)) });
  });
});

describe('a stop that closes', () => {
  test('sells what we hold from him, once, however often the figure comes', async () => {
    const harness = stopping('close');
    await harness.snapshot(figure(1, 0n));
    await harness.snapshot(figure(2, -401n));
    expect(exits(harness)).toMatchObject([
      {
        leaderId: LEADER,
        tokenId: TOKEN,
        side: 'SELL',
        decision: 'EXECUTE',
        tradeIds: [],
        targetSizeMicros: 40_000_000n,
      },
    ]);
    await harness.snapshot(figure(2, -401n));
    await harness.snapshot(figure(3, -402n));
    await harness.desk.hold([0]);
    await harness.snapshot(figure(3, -402n), figure(4, -403n));
    expect(exits(harness)).toHaveLength(1);
    expect(harness.ports.reservations.sharesOf(PAPER, LEADER, TOKEN)).toBe(40_000_000n);
  });

  test('tries again after a minute what did not go, and once in that round', async () => {
    const harness = stopping('close');
    harness.world.book = null;
    await harness.clock.set(new Date(minute(2)));
    await harness.snapshot(figure(1, 0n), figure(2, -401n));
    await harness.clock.advance(500);
    expect(exits(harness)).toMatchObject([{ decision: 'SKIP', reasons: ['NO_FRESH_BOOK'] }]);
    const { book } = createHarness().world;
    harness.world.book = book;
    await harness.snapshot(figure(3, -401n));
    expect(exits(harness)).toHaveLength(1);
    await harness.clock.set(new Date(minute(3)));
    await harness.snapshot(figure(4, -401n));
    await harness.snapshot(figure(5, -401n));
    expect(exits(harness).map(({ decision }) => decision)).toEqual(['SKIP', 'EXECUTE']);
  });

  test('does not sell twice what is on its way', async () => {
    const harness = stopping('close');
    await harness.snapshot(figure(1, 0n), figure(2, -401n));
    await harness.clock.advance(20 * MINUTE_MS);
    await harness.snapshot(figure(20, -401n));
    expect(exits(harness)).toHaveLength(1);
  });

  test('asks no leave of a leader’s switch', async () => {
    const harness = stopping('close');
    harness.world.leaderEnabled = false;
    await harness.snapshot(figure(1, 0n), figure(2, -401n));
    expect(exits(harness)).toMatchObject([{ decision: 'EXECUTE' }]);
  });

  test('asks for nothing where nothing is held, or it has no price', async () => {
    const harness = stopping('close');
    const [position] = [...(harness.world.account?.positions.all() ?? [])];
    if (position === undefined) throw new Error('nothing is held');
    const unpriced = { ...position, markMicros: null };
    harness.world.account = anAccount({ positions: { of: () => shares(0n), all: () => [unpriced] } });
    await harness.snapshot(figure(1, 0n), figure(2, -401n));
    harness.world.account = anAccount();
    await harness.snapshot(figure(3, -401n));
    expect(exits(harness)).toEqual([]);
    expect(lineOf(harness)?.trip).not.toBeNull();
  });

  test('has an exit in each mode that tripped, though the modes trip at the same minute', async () => {
    const harness = stopping('close');
    const { world } = harness;
    world.modes = ['PAPER', 'LIVE'];
    world.switches = world.switches && { ...world.switches, liveTradingState: 'ON' };
    await harness.snapshot(figure(1, 0n), figure(2, -401n));
    await harness.snapshot(figure(1, 0n, { mode: 'LIVE' }), figure(2, -401n, { mode: 'LIVE' }));
    expect(exits(harness).map(({ mode, decision }) => [mode, decision])).toEqual([
      ['PAPER', 'EXECUTE'],
      ['LIVE', 'EXECUTE'],
    ]);
  });

  test.each(['before', 'after', 'another'] as const)(
    'sells once when its commit fails: %s',
    async (failure) => {
      const harness = stopping('close');
      await harness.snapshot(figure(1, 0n));
      harness.world.failure = failure;
      const first = harness.snapshot(figure(2, -401n));
      if (failure === 'another') await first;
      else await expect(first).rejects.toThrow();
      await harness.snapshot(figure(2, -401n));
      expect(exits(harness)).toHaveLength(1);
      expect(lineOf(harness)?.trip).toEqual({ at: new Date(minute(2)), action: 'close' });
    },
  );
});
