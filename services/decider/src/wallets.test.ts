import { bps, price, shares, usd } from '@slipstream/money';
import { exitKeyOf, LIVE_SCOPE, type PortfolioSnapshot, type TradingMode } from '@slipstream/proto';
import { describe, expect, test } from 'vitest';
import {
  aGroup,
  aTrade,
  BOOK,
  CONDITION,
  LEADER,
  LIVE,
  NOW,
  PAPER,
  TOKEN,
  withGuardrails,
  withSizing,
} from '../test/builders.ts';
import { anAccount, createHarness } from '../test/harness.ts';
import type { AccountName } from './core/route.ts';
import { decideGroups, readAccounts } from './decide-groups.ts';
import { messagesOf } from './messages.ts';

type Harness = ReturnType<typeof createHarness>;

const SECOND: AccountName = { mode: 'LIVE', scope: 'second' };
const MODES: readonly TradingMode[] = ['PAPER', 'LIVE'];
/** Ten thousand dollars: a hundredth of it is more than either wallet copies with. */
const LARGE = { sizeMicros: shares(20_000_000_000n), notionalMicros: usd(10_000_000_000n) };

const cashOnly = (micros: bigint) => anAccount({ cashMicros: usd(micros), depositedMicros: usd(micros) });

/** LIVE for two wallets: 10 000 dollars in the default one, 2 000 in the other. */
function twoWallets(windowMs = 0): Harness {
  const harness = createHarness(windowMs, [LIVE_SCOPE, SECOND.scope]);
  const { world } = harness;
  world.modes = MODES;
  world.switches = world.switches && { ...world.switches, liveTradingState: 'ON' };
  world.wallets = new Map([[SECOND.scope, cashOnly(2_000_000_000n)]]);
  return harness;
}
const of = ({ decisions }: Harness, { mode, scope }: AccountName) =>
  decisions().filter((attempt) => attempt.mode === mode && attempt.scope === scope);
const outcomes = (harness: Harness, account: AccountName) =>
  of(harness, account).map(({ decision, reasons }) => [decision, ...reasons]);
const groupsOf = ({ tables }: Harness, mode: TradingMode) =>
  [...tables.groups.values()].filter((group) => group.mode === mode);

describe('a group of LIVE', () => {
  test('is decided for each wallet at one instant, in the order of the settings, by its own account', async () => {
    const harness = twoWallets();
    await harness.deliver(aTrade(1, LARGE));
    expect(
      harness.decisions().map(({ mode, scope, targetNotionalMicros }) => [mode, scope, targetNotionalMicros]),
    ).toEqual([
      ['PAPER', PAPER.scope, 75_000_000n],
      ['LIVE', LIVE.scope, 75_000_000n],
      ['LIVE', SECOND.scope, 15_000_000n],
    ]);
    const ids = harness.decisions().flatMap(({ attemptId, intentId }) => [attemptId, intentId]);
    expect(new Set(ids).size).toBe(6);
    expect(new Set(harness.decisions().map(({ decidedAt }) => decidedAt)).size).toBe(1);
    expect(harness.seen).toEqual(['commit 2 parts, 2 groups, 3 attempts', 'push g:lt_1 g:lt_1 g:lt_1']);
    expect(groupsOf(harness, 'LIVE')).toMatchObject([{ groupKey: 'g:lt_1', status: 'DONE' }]);
  });

  test('is announced on each wallet’s own subject', async () => {
    const harness = twoWallets();
    await harness.deliver(aTrade(1));
    const messages = [...harness.tables.attempts.values()].flatMap(messagesOf);
    expect(messages.map(({ subject }) => subject)).toEqual([
      'copy.intent.paper',
      'copy.attempt.paper',
      'copy.intent.live',
      'copy.attempt.live',
      'copy.intent.live.second',
      'copy.attempt.live',
    ]);
    expect(new Set(messages.map(({ messageId }) => messageId)).size).toBe(6);
  });

  test('holds back of each wallet what that wallet may spend, and no other’s', async () => {
    const harness = twoWallets();
    // A copy takes 5 dollars and some: the second wallet has cash for one, and worth for more.
    const worth = { leaderId: null, tokenId: '9', conditionId: '0x9', sharesMicros: shares(10n ** 10n) };
    const all = [{ ...worth, markMicros: price(500_000n) }];
    harness.world.config = withGuardrails({ maxTotalExposureBps: bps(10_000n) });
    harness.world.wallets = new Map([
      [
        SECOND.scope,
        anAccount({
          cashMicros: usd(6_000_000n),
          depositedMicros: usd(0n),
          positions: { of: () => shares(0n), all: () => all },
        }),
      ],
    ]);
    await harness.deliver(aTrade(1), aTrade(2));
    expect(outcomes(harness, LIVE)).toEqual([['EXECUTE'], ['EXECUTE']]);
    expect(outcomes(harness, SECOND)).toEqual([['EXECUTE'], ['SKIP', 'NOT_ENOUGH_CASH']]);
    const { reservations } = harness.ports;
    const one = reservations.cashOf(SECOND);
    expect(one).toBeGreaterThan(5_000_000n);
    expect([reservations.cashOf(LIVE), reservations.cashOf(PAPER)]).toEqual([one * 2n, one * 2n]);

    // What is final is final for the wallet whose attempt it is.
    const [done] = of(harness, SECOND);
    harness.world.finalAttempts = [done?.attemptId ?? ''];
    await harness.deliver(aTrade(3));
    expect(outcomes(harness, SECOND).at(-1)).toEqual(['EXECUTE']);
    expect([reservations.cashOf(SECOND), reservations.cashOf(LIVE)]).toEqual([one, one * 3n]);
  });

  test('has what each wallet holds back again after a recall', async () => {
    const harness = twoWallets();
    await harness.deliver(aTrade(1, LARGE));
    const { reservations } = harness.ports;
    const before = [PAPER, LIVE, SECOND].map((account) => reservations.cashOf(account));
    expect(new Set(before).size).toBe(2);
    await harness.desk.hold([0]);
    expect([PAPER, LIVE, SECOND].map((account) => reservations.cashOf(account))).toEqual(before);
  });

  test('waits whole where one wallet needs a book, and nothing of it is held back meanwhile', async () => {
    const harness = twoWallets();
    const { world, ports } = harness;
    // The second wallet holds nothing to sell, which takes no book to see; the others do.
    const held = {
      leaderId: LEADER,
      tokenId: TOKEN,
      conditionId: CONDITION,
      sharesMicros: shares(40_000_000n),
    };
    world.account = anAccount({
      positions: { of: () => shares(40_000_000n), all: () => [{ ...held, markMicros: price(490_000n) }] },
    });
    world.book = null;
    await harness.deliver(aTrade(1, { side: 'SELL' }));
    expect(harness.decisions()).toEqual([]);
    expect(ports.groups.waitingOn(TOKEN)).toHaveLength(2);
    expect(harness.seen.filter((effect) => effect === `ask ${TOKEN}`)).toHaveLength(2);
    expect(ports.reservations.sharesOf(LIVE, LEADER, TOKEN)).toBe(0n);

    await harness.clock.advance(120);
    world.book = BOOK;
    harness.desk.news(TOKEN);
    await harness.clock.advance(0);
    expect(outcomes(harness, LIVE)).toEqual([['EXECUTE']]);
    expect(outcomes(harness, SECOND)).toMatchObject([['SKIP', expect.any(String)]]);
    expect(new Set(harness.decisions().map(({ decidedAt }) => decidedAt))).toEqual(
      new Set(['2026-11-20T12:00:00.120Z']),
    );
    expect([ports.groups.all(), harness.clock.pending()]).toEqual([[], []]);
  });

  test('is a skip for a wallet whose account is not known, and holds up nobody', async () => {
    const harness = twoWallets();
    harness.world.wallets = new Map([[SECOND.scope, null]]);
    await harness.deliver(aTrade(1));
    expect(outcomes(harness, LIVE)).toEqual([['EXECUTE']]);
    expect(outcomes(harness, SECOND)).toEqual([['SKIP', 'MISSING_EQUITY']]);
  });

  test('comes out of a bucket once, for each wallet', async () => {
    const harness = twoWallets();
    harness.world.buffering = { ...harness.world.buffering, enabled: true };
    harness.world.config = withSizing({ copyPctNotionalBps: bps(40n) });
    await harness.deliver(aTrade(1), aTrade(2));
    await harness.clock.advance(600);
    for (const account of [PAPER, LIVE, SECOND])
      expect(of(harness, account)).toMatchObject([{ sourceType: 'BUFFER', tradeIds: ['lt_1', 'lt_2'] }]);
  });

  test.each(['before', 'after', 'another'] as const)(
    'is decided once for each wallet when its commit fails: %s',
    async (failure) => {
      const harness = twoWallets();
      harness.world.failure = failure;
      const first = harness.deliver(aTrade(1));
      if (failure === 'another') await first;
      else await expect(first).rejects.toThrow();
      await harness.deliver(aTrade(1));
      await harness.deliver(aTrade(1));
      for (const account of [PAPER, LIVE, SECOND]) expect(outcomes(harness, account)).toEqual([['EXECUTE']]);
      for (const account of [PAPER, LIVE, SECOND])
        expect(harness.ports.reservations.attemptIds(account)).toHaveLength(1);
    },
  );
});

const MINUTE_MS = 60_000;
const minute = (n: number): string => new Date(NOW.getTime() + n * MINUTE_MS).toISOString();
/** What the leader's slice of a wallet has made by the n-th minute, in dollars. */
const figure = ({ mode, scope }: AccountName, n: number, profit: bigint): PortfolioSnapshot => ({
  mode,
  scope,
  leaderId: LEADER,
  bucketTime: minute(n),
  cashMicros: usd(0n),
  exposureMicros: usd(0n),
  equityMicros: null,
  realizedPnlMicros: usd(profit * 1_000_000n),
  unrealizedPnlMicros: usd(0n),
  feesMicros: usd(0n),
  peakProfitMicros: usd(0n),
  openPositions: 1,
  unpricedPositions: 0,
});
const tripping = (account: AccountName) => [figure(account, 1, 0n), figure(account, 2, -401n)];

const holding = (micros: bigint) => {
  const held = { leaderId: LEADER, tokenId: TOKEN, conditionId: CONDITION };
  const position = { ...held, sharesMicros: shares(micros), markMicros: price(490_000n) };
  const ofLeader = (leaderId: string) => shares(leaderId === LEADER ? micros : 0n);
  return anAccount({ positions: { of: ofLeader, all: () => [position] } });
};
/** Both wallets hold of his token: the default one 40 shares, the other 30. */
function stopping(action: 'pause' | 'close'): Harness {
  const harness = twoWallets();
  const { world } = harness;
  world.capitalStop = { ...world.capitalStop, enabled: true, action };
  world.account = holding(40_000_000n);
  world.wallets = new Map([[SECOND.scope, holding(30_000_000n)]]);
  return harness;
}
const exits = ({ decisions }: Harness) => decisions().filter((a) => a.sourceType === 'CAPITAL_STOP');
const exitKey = exitKeyOf(LEADER, TOKEN, minute(2), 0);

describe('the capital stop of one wallet', () => {
  test('has a line of its own', async () => {
    const harness = stopping('pause');
    await harness.snapshot(figure(LIVE, 1, 9n), figure(SECOND, 1, 5n), figure(LIVE, 2, 7n));
    const { stops } = harness.ports;
    expect(stops.of(LIVE, LEADER)).toMatchObject({ peakMicros: 9_000_000n, profitMicros: 7_000_000n });
    expect(stops.of(SECOND, LEADER)).toMatchObject({ peakMicros: 5_000_000n, profitMicros: 5_000_000n });
    expect(stops.of(PAPER, LEADER)).toBeNull();
    expect([...harness.tables.stops.values()]).toHaveLength(2);
  });

  test('holds back the entries of that wallet alone', async () => {
    const harness = stopping('pause');
    await harness.snapshot(...tripping(SECOND));
    await harness.deliver(aTrade(1));
    expect(outcomes(harness, SECOND)).toEqual([['SKIP', 'CIRCUIT_BREAKER_TRIPPED']]);
    expect([outcomes(harness, LIVE), outcomes(harness, PAPER)]).toEqual([[['EXECUTE']], [['EXECUTE']]]);
  });

  test('sells what that wallet holds, under a key that says whose it is', async () => {
    const harness = stopping('close');
    await harness.snapshot(...tripping(SECOND));
    expect(exits(harness)).toMatchObject([
      {
        ...SECOND,
        decision: 'EXECUTE',
        leaderSizeMicros: 30_000_000n,
        targetSizeMicros: 30_000_000n,
        groupKey: `${exitKey}:second`,
      },
    ]);
    expect(harness.ports.reservations.sharesOf(LIVE, LEADER, TOKEN)).toBe(0n);
    await harness.snapshot(figure(SECOND, 3, -402n));
    expect(exits(harness)).toHaveLength(1);
  });

  test('leaves the key of the default wallet as it was', async () => {
    const harness = stopping('close');
    await harness.snapshot(...tripping(LIVE));
    expect(exits(harness)).toMatchObject([{ ...LIVE, targetSizeMicros: 40_000_000n, groupKey: exitKey }]);
  });

  test('and that of another that trips at the same minute each sell their own', async () => {
    const harness = stopping('close');
    await harness.snapshot(...tripping(LIVE), ...tripping(SECOND));
    expect(exits(harness).map(({ scope, targetSizeMicros }) => [scope, targetSizeMicros])).toEqual([
      [LIVE.scope, 40_000_000n],
      [SECOND.scope, 30_000_000n],
    ]);
  });

  test('still sells that wallet’s alone after a restart in the middle of its wait for a book', async () => {
    const harness = stopping('close');
    harness.world.book = null;
    await harness.snapshot(...tripping(SECOND));
    expect(exits(harness)).toEqual([]);
    harness.ports.groups.clear();
    await harness.desk.hold([0]);
    expect(harness.ports.groups.all()).toMatchObject([{ source: 'CAPITAL_STOP', status: 'OPEN' }]);
    harness.world.book = BOOK;
    await harness.onDue();
    expect(exits(harness)).toMatchObject([{ ...SECOND, decision: 'EXECUTE', targetSizeMicros: 30_000_000n }]);
  });

  test('ends without an attempt where the wallet is not ours any more', async () => {
    const { ports } = stopping('close');
    const exit = aGroup(1, { mode: 'LIVE', source: 'CAPITAL_STOP', side: 'SELL', groupKey: 'x_1:gone' });
    const { groups, decided } = decideGroups(ports, [exit], await readAccounts(ports, new Set([exit.mode])));
    expect([groups, decided]).toMatchObject([[{ groupKey: 'x_1:gone', status: 'DONE' }], []]);
  });
});
