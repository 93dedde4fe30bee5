import { bps, least, most, ONE, price, shares, type UsdMicros, usd } from '@slipstream/money';
import type { Sizing } from '@slipstream/proto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CONFIG, groupFacts } from '../../test/builders.ts';
import type { GroupFacts } from './inputs.ts';
import { type BuyFacts, type Sized, scaled, sizeBuy, sizeSell } from './size.ts';

const dollars = fc.oneof(fc.bigInt(0n, 10n ** 8n), fc.bigInt(0n, 10n ** 14n));
const rate = fc.bigInt(0n, 10_000n);

/** Coherent settings, as the gateway takes them: no least over its most, no dynamic rate without a budget. */
const anySizing: fc.Arbitrary<Sizing> = fc
  .record({
    mode: fc.constantFrom('fixedRate' as const, 'budgetedDynamic' as const),
    sellMode: fc.constantFrom('rate' as const, 'proportional' as const),
    enforcement: fc.constantFrom('hard' as const, 'soft' as const),
    budget: fc.option(dollars),
    rates: fc.tuple(rate, rate),
    copy: fc.bigInt(0n, 100_000n),
    atLeast: dollars,
    extra: dollars,
    bankroll: rate,
  })
  .map(({ mode, sellMode, enforcement, budget, rates: [a, b], copy, atLeast, extra, bankroll }) => ({
    ...CONFIG.sizing,
    sellMode,
    sizingMode: mode,
    copyPctNotionalBps: bps(copy),
    minTradeNotionalMicros: usd(atLeast),
    maxTradeNotionalMicros: usd(atLeast + extra),
    maxTradeBankrollBps: bps(bankroll),
    budgetMicros: mode === 'budgetedDynamic' ? usd(budget ?? 0n) : budget === null ? null : usd(budget),
    budgetRMinBps: bps(least(a, b)),
    budgetRMaxBps: bps(most(a, b)),
    budgetEnforcement: enforcement,
  }));
const anyGroup: fc.Arbitrary<GroupFacts> = fc
  .record({ n: dollars, at: fc.bigInt(1n, ONE), flush: fc.option(dollars, { freq: 3 }) })
  .map(({ n, at, flush }) =>
    groupFacts({
      notionalMicros: usd(n),
      priceMicros: price(at),
      flush: flush === null ? null : { scaledMicros: usd(flush), belowMinExec: false },
    }),
  );
const anyBuy: fc.Arbitrary<BuyFacts> = fc.record({
  group: anyGroup,
  equity: fc.oneof(dollars, fc.bigInt(-(10n ** 9n), 0n)).map(usd),
  leaderWorth: fc.option(dollars.map(usd)),
  ours: fc.record({ bookedMicros: dollars.map(usd), reservedMicros: dollars.map(usd) }),
});

const lowest = (...all: readonly bigint[]): bigint => all.reduce((a, b) => least(a, b));

/** The table of domain rules §3 said again: the notional, or null where it must be a skip. */
function expected({ group, equity, leaderWorth, ours }: BuyFacts, sizing: Sizing): bigint | null {
  const { minTradeNotionalMicros: atLeast, maxTradeNotionalMicros: atMost, budgetMicros } = sizing;
  const bankroll = (most<bigint>(equity ?? 0n, 0n) * sizing.maxTradeBankrollBps) / 10_000n;
  const hard = budgetMicros !== null && sizing.budgetEnforcement === 'hard';
  const headroom = hard ? budgetMicros - ours.bookedMicros - ours.reservedMicros : null;
  if (bankroll < atLeast || bankroll === 0n) return null;
  if (headroom !== null && (headroom <= 0n || headroom < atLeast)) return null;
  const wanted = group.flush?.scaledMicros ?? scaled(group.notionalMicros, sizing, leaderWorth);
  const target = lowest(most<bigint>(wanted, atLeast), atMost, bankroll, headroom ?? bankroll);
  return (target * ONE) / group.priceMicros === 0n ? null : target;
}
const notionalOf = (sized: Sized): UsdMicros | null =>
  sized.kind === 'sized' ? sized.target.notionalMicros : null;
const RUNS = { numRuns: 2_000 };

describe('the size of any BUY', () => {
  test('is what the table says: rate, minimum, maximum, bankroll, hard budget', () => {
    fc.assert(
      fc.property(anyBuy, anySizing, (facts, sizing) => {
        expect(notionalOf(sizeBuy(facts, sizing))).toBe(expected(facts, sizing));
      }),
      RUNS,
    );
  });

  test('is never under the minimum, nor over the maximum, the bankroll or what a hard budget leaves', () => {
    fc.assert(
      fc.property(anyBuy, anySizing, (facts, sizing) => {
        const target = notionalOf(sizeBuy(facts, sizing));
        if (target === null) return;
        const { ours, equity } = facts;
        expect(target >= sizing.minTradeNotionalMicros).toBe(true);
        expect(target <= sizing.maxTradeNotionalMicros).toBe(true);
        expect(target * 10_000n <= (equity ?? 0n) * sizing.maxTradeBankrollBps).toBe(true);
        if (sizing.budgetMicros !== null && sizing.budgetEnforcement === 'hard')
          expect(ours.bookedMicros + ours.reservedMicros + target <= sizing.budgetMicros).toBe(true);
      }),
      RUNS,
    );
  });

  test('never falls where the leader’s notional is larger', () => {
    fc.assert(
      fc.property(anyBuy, dollars, anySizing, (facts, more, sizing) => {
        const group = { ...facts.group, notionalMicros: usd(facts.group.notionalMicros + more) };
        const smaller = notionalOf(sizeBuy(facts, sizing)) ?? 0n;
        expect((notionalOf(sizeBuy({ ...facts, group }, sizing)) ?? 0n) >= smaller).toBe(true);
      }),
      RUNS,
    );
  });

  test('never grows where our exposure from him does', () => {
    fc.assert(
      fc.property(anyBuy, dollars, anySizing, (facts, more, sizing) => {
        const ours = { ...facts.ours, reservedMicros: usd(facts.ours.reservedMicros + more) };
        const before = notionalOf(sizeBuy(facts, sizing)) ?? 0n;
        expect((notionalOf(sizeBuy({ ...facts, ours }, sizing)) ?? 0n) <= before).toBe(true);
      }),
      RUNS,
    );
  });
});

describe('the size of any SELL', () => {
  const sale = fc
    .tuple(anyGroup, fc.bigInt(1n, 10n ** 12n), fc.bigInt(0n, 10n ** 12n))
    .map(([group, sold, held]) => ({
      ...group,
      side: 'SELL' as const,
      sizeMicros: shares(sold),
      leaderHeldMicros: shares(held),
    }));
  const ours = fc.bigInt(1n, 10n ** 12n).map(shares);

  test('an exit is all that we hold, whatever is set', () => {
    fc.assert(
      fc.property(sale, ours, anySizing, fc.option(dollars.map(usd)), (group, held, sizing, worth) => {
        const sized = sizeSell({ ...group, isExit: true }, sizing, held, worth);
        expect(sized).toMatchObject({ kind: 'sized', target: { sizeMicros: held } });
      }),
    );
  });

  test('what a buffer scaled is not scaled again at the buys’ rate, and changes nothing proportional', () => {
    fc.assert(
      fc.property(sale, ours, anySizing, (group, held, sizing) => {
        const flushed = {
          ...group,
          flush: { scaledMicros: sizing.minTradeNotionalMicros, belowMinExec: false },
        };
        const sized = sizeSell(flushed, sizing, held, null);
        const alone = sizeSell({ ...group, flush: null }, sizing, held, null);
        if (sizing.sellMode === 'proportional') expect(sized).toEqual(alone);
        else if (sized.kind === 'sized')
          expect(sized.target.sizeMicros).toBe(
            lowest(held, (sizing.minTradeNotionalMicros * ONE) / group.priceMicros),
          );
      }),
    );
  });
});
