import { bps, price, shares, usd } from '@slipstream/money';
import type { MarketResolved } from '@slipstream/proto';
import { describe, expect, test } from 'vitest';
import {
  BOOK,
  CONDITION,
  groupFacts,
  LEADER,
  level,
  NOW,
  someInputs,
  someSale,
  TOKEN,
  withGuardrails,
  withSizing,
} from '../../../test/builders.ts';
import type { ConfigFacts, DecisionInputs } from '../inputs.ts';
import { type RecordedGroup, WhatIf } from './what-if.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const later = (ms: number): string => new Date(NOW.getTime() + ms).toISOString();

/** The n-th group, a minute after the one before. */
const recorded = (n: number, inputs: DecisionInputs, at = later(n * MINUTE_MS)): RecordedGroup => ({
  attemptId: `ca_${n}`,
  decision: 'EXECUTE',
  tradeCount: 1,
  inputs: {
    ...inputs,
    now: at,
    group: { ...inputs.group, groupKey: `g:lt_${n}`, occurredAt: at },
  },
});
const under = (config: ConfigFacts) => new WhatIf(() => ({ config, blacklisted: false }));

function asked(
  config: ConfigFacts,
  groups: readonly RecordedGroup[],
  resolutions: readonly MarketResolved[] = [],
) {
  const whatIf = under(config);
  for (const resolution of resolutions) whatIf.learn(resolution);
  for (const group of groups) whatIf.step(group);
  return whatIf.finish();
}

const resolved = (numerator: string, denominator: string, resolvedAt: string): MarketResolved => ({
  conditionId: CONDITION,
  payouts: [{ tokenId: TOKEN, numerator, denominator }],
  resolvedAt,
  source: 'gamma',
  version: 'v_1',
});

/** Ten dollars at 0.50: twenty shares, a fee of 20 × 0.05 × 0.25 dollars, worth 9.90 at the middle. */
const COST = 10_000_000n;
const FEE = 250_000n;
const WORTH = 9_900_000n;

describe('a what-if', () => {
  test('with rules that change nothing tells what the copies cost', () => {
    const result = asked(withSizing({}), [recorded(1, someInputs())]);
    expect(result.before).toEqual({
      execute: 1,
      skip: 0,
      notionalMicros: COST,
      filledNotionalMicros: COST,
      feesMicros: FEE,
      pnlMicros: WORTH - COST - FEE,
      unpricedPositions: 0,
      reasons: {},
    });
    expect(result).toMatchObject({
      trades: 1,
      groups: 1,
      after: result.before,
      difference: { attempts: 0, execute: 0, notionalMicros: 0n, pnlMicros: 0n },
      changed: [],
      otherThanRecorded: 0,
    });
  });

  test('with a tighter spread copies less', () => {
    const wide = { ...BOOK, bids: [level(481_000n, 1_000_000_000n)] };
    const groups = [recorded(1, someInputs()), recorded(2, someInputs({ book: wide }))];
    const result = asked(withGuardrails({ maxSpreadMicros: price(15_000n) }), groups);
    expect(result.before).toMatchObject({ execute: 2, skip: 0 });
    expect(result.after).toMatchObject({ execute: 1, skip: 1, reasons: { SPREAD_TOO_WIDE: 1 } });
    expect(result.difference).toMatchObject({ attempts: 1, execute: -1, notionalMicros: -COST });
    expect(result.changed).toEqual([
      {
        attemptId: 'ca_2',
        leaderId: LEADER,
        tokenId: TOKEN,
        side: 'BUY',
        before: { decision: 'EXECUTE', reasons: [], notionalMicros: COST, filledNotionalMicros: COST },
        after: {
          decision: 'SKIP',
          reasons: ['SPREAD_TOO_WIDE'],
          notionalMicros: 0n,
          filledNotionalMicros: 0n,
        },
      },
    ]);
  });

  test('with twice the rate stakes twice as much, until the largest trade cuts it', () => {
    const groups = [recorded(1, someInputs())];
    const double = { copyPctNotionalBps: bps(200n) };
    expect(asked(withSizing(double), groups).after.notionalMicros).toBe(2n * COST);
    const cut = { ...double, maxTradeNotionalMicros: usd(15_000_000n) };
    expect(asked(withSizing(cut), groups).after.notionalMicros).toBe(15_000_000n);
  });

  test('sells what the simulation holds, not what was held', () => {
    const sale = someSale({ position: { sharesMicros: shares(20_000_000n), reservedMicros: shares(0n) } });
    const groups = [recorded(1, someInputs()), recorded(2, sale)];
    const double = asked(withSizing({ copyPctNotionalBps: bps(200n) }), groups);
    // Twenty shares and forty at 0.49.
    expect(double.before.notionalMicros - COST).toBe(9_800_000n);
    expect(double.after.notionalMicros - 2n * COST).toBe(19_600_000n);
    const none = asked(withSizing({ minLeaderTradeNotionalMicros: usd(1_000_000_001n) }), groups);
    expect(none.after).toMatchObject({
      execute: 0,
      skip: 2,
      pnlMicros: 0n,
      reasons: { LEADER_TRADE_BELOW_MIN_NOTIONAL: 2, NOT_ENOUGH_POSITION_TO_SELL: 1 },
    });
  });

  test('meets its own caps with its own exposure', () => {
    const groups = [recorded(1, someInputs()), recorded(2, someInputs())];
    const result = asked(withGuardrails({ maxMarketExposureBps: bps(15n) }), groups);
    expect(result.before).toMatchObject({ execute: 2, reasons: {} });
    expect(result.after).toMatchObject({ execute: 1, reasons: { RISK_CAP_MARKET: 1 } });
  });

  test('trips its own breakers, measured from its own day', () => {
    const groups = [
      recorded(1, someInputs()),
      recorded(2, someInputs()),
      recorded(3, someInputs(), later(DAY_MS)),
    ];
    const result = asked(withGuardrails({ maxDailyLossBps: bps(0n) }), groups);
    expect(result.after).toMatchObject({ execute: 2, reasons: { CIRCUIT_BREAKER_TRIPPED: 1 } });
  });

  test.each([
    ['in the window', later(90_000), '1', '1', 20_000_000n],
    ['after the window', later(DAY_MS), '1', '1', 20_000_000n],
    ['for nothing', later(90_000), '0', '1', 0n],
    ['for a third', later(90_000), '1', '3', 6_666_666n],
  ])('is paid out %s', (_, at, numerator, denominator, paid) => {
    const other = groupFacts({ tokenId: '222', conditionId: `0x${'d'.repeat(64)}`, notionalMicros: usd(0n) });
    const groups = [recorded(1, someInputs()), recorded(2, someInputs({ group: other, blacklisted: true }))];
    const { before } = asked(withSizing({}), groups, [resolved(numerator, denominator, at)]);
    expect(before.pnlMicros).toBe(paid - COST - FEE);
  });

  test('follows what was held before from what it was worth then', () => {
    const held = someInputs().account;
    if (held === null) throw new Error('the account is known');
    const account = { ...held, worthMicros: usd(50_000_000n) };
    const exposure = { bookedMicros: usd(50_000_000n), reservedMicros: usd(0n) };
    const sale = someSale({ account, exposure: { total: exposure, market: exposure, leader: exposure } });
    const { before } = asked(withSizing({}), [recorded(1, sale)]);
    // Forty shares, worth 0.495 each, are sold at 0.49 for a fee of 40 × 0.05 × 0.2499.
    expect(before).toMatchObject({ filledNotionalMicros: 19_600_000n, feesMicros: 499_800n });
    expect(before.pnlMicros).toBe(19_600_000n - 19_800_000n - 499_800n);
  });

  test('takes what the book held and drops the rest', () => {
    const thin = { ...BOOK, asks: [level(500_000n, 12_345_678n), level(505_000n, 1_000_000n)] };
    const { before } = asked(withSizing({}), [
      recorded(1, someInputs({ book: thin, config: withGuardrails({ minDepthMultiplierBps: bps(1_000n) }) })),
    ]);
    // 12.34 shares at 0.50 and one at 0.505, in steps of a hundredth.
    expect(before).toMatchObject({ notionalMicros: COST, filledNotionalMicros: 6_170_000n + 505_000n });
  });

  test('does not know what was not known, and never waits', () => {
    const account = null;
    const groups = [
      recorded(1, someInputs({ account })),
      recorded(2, someInputs({ book: null, waited: false })),
    ];
    const { before, otherThanRecorded } = asked(withSizing({}), groups);
    expect(before).toMatchObject({ execute: 0, reasons: { MISSING_EQUITY: 1, NO_FRESH_BOOK: 1 } });
    expect(otherThanRecorded).toBe(2);
  });

  test('shows the changes with the most notional first, at most fifty', () => {
    const groups = Array.from({ length: 60 }, (_, i) => {
      const n = BigInt(i + 1);
      const notionalMicros = usd(1_000_000_000n + n * 1_000_000n);
      return recorded(i, someInputs({ group: groupFacts({ notionalMicros }) }));
    });
    const { changed, difference } = asked(withGuardrails({ maxSpreadMicros: price(0n) }), groups);
    expect(difference.attempts).toBe(60);
    expect(changed).toHaveLength(50);
    expect(changed.map(({ before }) => before.notionalMicros)).toEqual(
      changed.map(({ before }) => before.notionalMicros).toSorted((a, b) => (a < b ? 1 : -1)),
    );
  });
});
