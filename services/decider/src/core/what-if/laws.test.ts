import { price, shares, usd } from '@slipstream/money';
import type { MarketResolved } from '@slipstream/proto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BOOK,
  CONFIG,
  groupFacts,
  level,
  NOW,
  someInputs,
  withGuardrails,
  withSizing,
} from '../../../test/builders.ts';
import { decide } from '../decide.ts';
import type { DecisionInputs } from '../inputs.ts';
import { SimulatedAccount } from './account.ts';
import { fillOf } from './fill.ts';
import { type RecordedGroup, type RulesOf, WhatIf } from './what-if.ts';

const conditionOf = (token: number): string => `0x${String(token).repeat(64)}`;

/** One group of a random recording: who, what, at which book, with how much put in or taken out before it. */
const moves = fc.array(
  fc.record({
    leader: fc.constantFrom('L1', 'L2'),
    token: fc.integer({ min: 1, max: 3 }),
    side: fc.constantFrom('BUY' as const, 'SELL' as const),
    sizeMicros: fc.bigInt(1_000_000n, 4_000_000_000n),
    bidMicros: fc.bigInt(10_000n, 940_000n),
    spreadMicros: fc.bigInt(1n, 30_000n),
    offMicros: fc.bigInt(-15_000n, 15_000n),
    depthMicros: fc.bigInt(1n, 100_000_000n),
    heldMicros: fc.bigInt(0n, 50_000_000n),
    depositMicros: fc.bigInt(-1_000_000_000n, 1_000_000_000n),
    afterMs: fc.integer({ min: 0, max: 40_000_000 }),
    isKnown: fc.integer({ min: 0, max: 9 }),
  }),
  { minLength: 1, maxLength: 30 },
);
type Moves = Parameters<Parameters<typeof moves.map>[0]>[0];

function recordedOf(all: Moves): RecordedGroup[] {
  let at = NOW.getTime();
  let deposited = 10_000_000_000n;
  return all.map((move, i): RecordedGroup => {
    at += move.afterMs;
    deposited += move.depositMicros;
    const now = new Date(at).toISOString();
    const askMicros = move.bidMicros + move.spreadMicros;
    const at1 = move.side === 'BUY' ? askMicros : move.bidMicros;
    const priceMicros = price(at1 + move.offMicros < 1n ? 1n : at1 + move.offMicros);
    const size = shares(move.sizeMicros);
    const group = groupFacts({
      groupKey: `g:${i}`,
      leaderId: move.leader,
      tokenId: String(move.token),
      conditionId: conditionOf(move.token),
      side: move.side,
      sizeMicros: size,
      notionalMicros: usd((size * priceMicros) / 1_000_000n),
      priceMicros,
      occurredAt: now,
      leaderHeldMicros: shares(move.sizeMicros * 2n),
    });
    const base = someInputs({ now, group });
    const worthMicros = usd(move.heldMicros);
    const exposure = { bookedMicros: worthMicros, reservedMicros: usd(0n) };
    const account = base.account && { ...base.account, worthMicros, depositedMicros: usd(deposited) };
    const inputs: DecisionInputs = {
      ...base,
      account: move.isKnown === 0 ? null : account,
      book: {
        ...BOOK,
        bids: [level(move.bidMicros, move.depthMicros), level(move.bidMicros - 1_000n, 10n ** 9n)],
        asks: [level(askMicros, move.depthMicros), level(askMicros + 1_000n, 10n ** 9n)],
      },
      position: { sharesMicros: shares(move.heldMicros), reservedMicros: shares(0n) },
      exposure: { total: exposure, market: exposure, leader: exposure },
    };
    return { attemptId: `ca_${i}`, decision: 'SKIP', tradeCount: 1, inputs };
  });
}

/** Two of the three markets are paid out, one of them while groups are still decided. */
const resolutions: readonly MarketResolved[] = [1, 2].map((token) => ({
  conditionId: conditionOf(token),
  payouts: [{ tokenId: String(token), numerator: '1', denominator: String(token) }],
  resolvedAt: new Date(NOW.getTime() + token * 100_000_000).toISOString(),
  source: 'gamma',
  version: 'v_1',
}));

function asked(groups: readonly RecordedGroup[], rulesOf: RulesOf) {
  const whatIf = new WhatIf(rulesOf);
  for (const resolution of resolutions) whatIf.learn(resolution);
  for (const group of groups) whatIf.step(group);
  return whatIf.finish();
}

describe('a what-if', () => {
  test('asked with the same rules finds no difference', () => {
    fc.assert(
      fc.property(moves, (all) => {
        const result = asked(recordedOf(all), () => ({ config: CONFIG, blacklisted: false }));
        expect(result.difference).toEqual({ attempts: 0, execute: 0, notionalMicros: 0n, pnlMicros: 0n });
        expect(result.after).toEqual(result.before);
        expect(result.before.execute + result.before.skip).toBe(all.length);
      }),
    );
  });

  test('asked twice answers the same', () => {
    const other = withSizing({ maxTradeNotionalMicros: usd(7_000_000n) });
    fc.assert(
      fc.property(moves, (all) => {
        const once = () => asked(recordedOf(all), () => ({ config: other, blacklisted: false }));
        expect(once()).toEqual(once());
      }),
    );
  });
});

test('cash and worth less deposits is what was earned less fees, whatever happens', () => {
  const loose = withGuardrails({ maxSpreadMicros: price(500_000n), maxWorseningMicros: price(250_000n) });
  fc.assert(
    fc.property(moves, (all) => {
      const account = new SimulatedAccount();
      for (const resolution of resolutions) account.learn(resolution);
      const groups = recordedOf(all);
      for (const { inputs } of groups) {
        account.follow(inputs);
        const simulated = { ...inputs, ...account.stateFor(inputs), config: loose, waited: true };
        const decision = decide(simulated);
        const { book, market, group } = simulated;
        if (book === null || market === null) throw new Error('book and market are there');
        const fill = decision.kind === 'copy' ? fillOf(decision, group.side, book, market) : null;
        account.book(group, fill);
        const { account: facts, position } = account.stateFor(inputs);
        expect(position.sharesMicros >= 0n).toBe(true);
        if (fill !== null && group.side === 'BUY') expect((facts?.cashMicros ?? 0n) >= 0n).toBe(true);
      }
      const end = account.finish();
      const first = groups.find(({ inputs }) => inputs.account !== null)?.inputs.account;
      const before = first ? first.cashMicros + first.worthMicros - first.depositedMicros : 0n;
      expect(end.pnlMicros).toBe(end.cashMicros + end.worthMicros - end.depositedMicros - before);
      expect(end.pnlMicros).toBe(end.earnedMicros - end.feesMicros);
    }),
    { numRuns: 300 },
  );
});
