import { bps } from '@slipstream/money';
import type { LiveOverride, LiveTradingState, TradingMode } from '@slipstream/proto';
import { describe, expect, test } from 'vitest';
import { aTrade, BOOK, LIVE, TOKEN } from '../test/builders.ts';
import { createHarness } from '../test/harness.ts';

type Harness = ReturnType<typeof createHarness>;

const BOTH: readonly TradingMode[] = ['PAPER', 'LIVE'];

const setLive = ({ world }: Harness, liveTradingState: LiveTradingState): void => {
  world.switches = world.switches && { ...world.switches, liveTradingState };
};
function running(state: LiveTradingState, override: LiveOverride = 'INHERIT', windowMs = 0): Harness {
  const harness = createHarness(windowMs);
  harness.world.modes = BOTH;
  harness.world.liveOverride = override;
  setLive(harness, state);
  return harness;
}
const of = ({ decisions }: Harness, mode: TradingMode) => decisions().filter((a) => a.mode === mode);
const groupsOf = ({ tables }: Harness, mode: TradingMode) =>
  [...tables.groups.values()].filter((group) => group.mode === mode);
const intentsOf = ({ tables }: Harness, mode: TradingMode) =>
  [...tables.attempts.values()].flatMap(({ intent }) => (intent?.mode === mode ? [intent] : []));

describe('while LIVE is OFF', () => {
  test('there is no LIVE group and no LIVE attempt', async () => {
    const harness = running('OFF');
    await harness.deliver(aTrade(1), aTrade(2));
    expect([groupsOf(harness, 'LIVE'), of(harness, 'LIVE'), intentsOf(harness, 'LIVE')]).toEqual([
      [],
      [],
      [],
    ]);
    expect(of(harness, 'PAPER')).toHaveLength(2);
  });

  test('FORCE_ON does not lift it', async () => {
    const harness = running('OFF', 'FORCE_ON');
    await harness.deliver(aTrade(1));
    expect([groupsOf(harness, 'LIVE'), of(harness, 'LIVE')]).toEqual([[], []]);
  });

  test('nor are switches that cannot be read anything else', async () => {
    const harness = running('ON');
    harness.world.switches = null;
    await harness.deliver(aTrade(1));
    expect(groupsOf(harness, 'LIVE')).toEqual([]);
    expect(of(harness, 'PAPER')).toMatchObject([{ decision: 'SKIP', reasons: ['ENGINE_PAUSED'] }]);
  });
});

describe('while LIVE runs', () => {
  test.each(['SHADOW', 'ON'] as const)('%s: each mode has its attempt, and LIVE an intent', async (state) => {
    const harness = running(state);
    await harness.deliver(aTrade(1));
    expect(harness.decisions().map(({ mode, decision }) => [mode, decision])).toEqual([
      ['PAPER', 'EXECUTE'],
      ['LIVE', 'EXECUTE'],
    ]);
    const [paper, live] = harness.decisions();
    expect(live?.attemptId).not.toBe(paper?.attemptId);
    expect(intentsOf(harness, 'LIVE')).toMatchObject([{ intentId: live?.intentId, scope: live?.scope }]);
    expect(harness.ports.reservations.attemptIds(LIVE)).toEqual([live?.attemptId]);
  });

  test('a leader who is forced off has a skip on record, and no intent', async () => {
    const harness = running('ON', 'FORCE_OFF');
    await harness.deliver(aTrade(1));
    expect(of(harness, 'LIVE')).toMatchObject([
      { decision: 'SKIP', reasons: ['LIVE_USER_DISABLED'], intentId: null },
    ]);
    expect(intentsOf(harness, 'LIVE')).toEqual([]);
    expect(of(harness, 'PAPER')).toMatchObject([{ decision: 'EXECUTE' }]);
  });

  test('a mode without configuration has nothing to say', async () => {
    const harness = running('ON');
    harness.world.modes = ['PAPER'];
    await harness.deliver(aTrade(1));
    expect(groupsOf(harness, 'LIVE')).toEqual([]);
  });

  test('a paused engine stops PAPER alone', async () => {
    const harness = running('ON');
    harness.world.switches = harness.world.switches && {
      ...harness.world.switches,
      copyEngineEnabled: false,
    };
    await harness.deliver(aTrade(1));
    expect(of(harness, 'PAPER')).toMatchObject([{ reasons: ['ENGINE_PAUSED'] }]);
    expect(of(harness, 'LIVE')).toMatchObject([{ decision: 'EXECUTE' }]);
  });

  test('each mode waits for its book with its own code', async () => {
    const harness = running('SHADOW');
    harness.world.book = { ...BOOK, ageMs: 5_000 };
    await harness.deliver(aTrade(1));
    expect(harness.ports.groups.waitingOn(TOKEN)).toHaveLength(2);
    await harness.clock.advance(500);
    expect(harness.decisions().map(({ mode, reasons }) => [mode, ...reasons])).toEqual([
      ['PAPER', 'NO_FRESH_BOOK'],
      ['LIVE', 'LIVE_NO_FRESH_BOOK'],
    ]);
  });
});

describe('LIVE switched OFF while its group is open', () => {
  test('ends it without an attempt; PAPER is decided', async () => {
    const harness = running('ON', 'INHERIT', 250);
    await harness.deliver(aTrade(1));
    expect(groupsOf(harness, 'LIVE')).toMatchObject([{ status: 'OPEN' }]);
    setLive(harness, 'OFF');
    await harness.clock.advance(250);
    expect(groupsOf(harness, 'LIVE')).toMatchObject([{ status: 'DONE' }]);
    expect(of(harness, 'LIVE')).toEqual([]);
    expect(of(harness, 'PAPER')).toHaveLength(1);
    expect(harness.clock.pending()).toEqual([]);
  });

  test('ends one that waits for a book', async () => {
    const harness = running('ON');
    harness.world.book = null;
    await harness.deliver(aTrade(1));
    setLive(harness, 'OFF');
    await harness.clock.advance(500);
    expect(groupsOf(harness, 'LIVE')).toMatchObject([{ status: 'DONE' }]);
    expect(of(harness, 'LIVE')).toEqual([]);
    expect(harness.ports.groups.all()).toEqual([]);
  });

  test('ends a bucket whole', async () => {
    const harness = running('ON');
    harness.world.buffering = { ...harness.world.buffering, enabled: true };
    harness.world.config = harness.world.config && {
      ...harness.world.config,
      sizing: { ...harness.world.config.sizing, copyPctNotionalBps: bps(40n) },
    };
    await harness.deliver(aTrade(1), aTrade(2));
    expect(groupsOf(harness, 'LIVE').map(({ status }) => status)).toEqual(['BUFFERED', 'BUFFERED']);
    setLive(harness, 'OFF');
    await harness.clock.advance(600);
    expect(groupsOf(harness, 'LIVE').map(({ status }) => status)).toEqual(['DONE', 'DONE']);
    expect(of(harness, 'LIVE')).toEqual([]);
    expect(of(harness, 'PAPER')).toMatchObject([{ tradeIds: ['lt_1', 'lt_2'] }]);
  });
});

describe('PAPER', () => {
  const SETTINGS: readonly (readonly [LiveTradingState, LiveOverride])[] = [
    ['OFF', 'INHERIT'],
    ['SHADOW', 'INHERIT'],
    ['ON', 'INHERIT'],
    ['ON', 'FORCE_OFF'],
    ['ON', 'FORCE_ON'],
  ];
  /** Copies, skips, windows and waits of one hour. */
  async function attempts([state, override]: (typeof SETTINGS)[number], windowMs: number) {
    const harness = running(state, override, windowMs);
    await harness.deliver(aTrade(1), aTrade(2, { leaderId: 'L2' }));
    await harness.clock.advance(100);
    await harness.deliver(aTrade(3), aTrade(4, { side: 'SELL' }));
    harness.world.book = null;
    await harness.clock.advance(300);
    await harness.deliver(aTrade(5, { tokenId: '5' }));
    await harness.clock.advance(1_000);
    return [...harness.tables.attempts.values()]
      .filter(({ attempt }) => attempt.mode === 'PAPER')
      .map(({ attempt, intent, inputs, reserve }) => ({ attempt, intent, inputs, reserve }));
  }

  test.each([0, 250])(
    'has the same attempts whatever LIVE does, with a window of %i ms',
    async (windowMs) => {
      const [alone, ...others] = await Promise.all(SETTINGS.map((setting) => attempts(setting, windowMs)));
      expect(alone?.length).toBeGreaterThanOrEqual(4);
      for (const other of others) expect(other).toEqual(alone);
    },
  );
});
