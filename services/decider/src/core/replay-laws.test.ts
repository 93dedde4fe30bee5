import { bps, price, shares, usd } from '@slipstream/money';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CONDITION, someInputs, someSale, TOKEN } from '../../test/builders.ts';
import { readInputs, recordInputs } from '../store/inputs.ts';
import { decide } from './decide.ts';
import type { ConfigFacts, DecisionInputs } from './inputs.ts';

/** Everything that can be stored, and much of it likely to matter. */
const amount = fc.oneof(fc.bigInt(0n, 10n ** 8n), fc.bigInt(0n, 10n ** 12n), fc.bigInt(0n, 10n ** 18n));
const money = amount.map(usd);
const signed = fc.oneof(money, fc.bigInt(-(10n ** 18n), 0n).map(usd));
const size = amount.map(shares);
const at = (most = 1_000_000n) => fc.bigInt(0n, most).map(price);
const part = (most = 10_000n) => fc.bigInt(0n, most).map(bps);
const instant = fc
  .date({ min: new Date('2026-11-20T11:55:00Z'), max: new Date('2026-11-20T13:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString());
const mostly = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { freq: 12 });
const yes = fc.integer({ min: 0, max: 9 }).map((n) => n > 0);
const no = yes.map((is) => !is);

const guardrails: fc.Arbitrary<ConfigFacts['guardrails']> = fc.record({
  maxCopyAgeMs: fc.integer({ min: 1_000, max: 3_600_000 }),
  maxWorseningMicros: at(250_000n),
  maxOverMidMicros: at(250_000n),
  maxSpreadMicros: at(500_000n),
  minDepthMultiplierBps: fc.bigInt(1_000n, 1_000_000n).map(bps),
  noNewOpensWithinMinutesToClose: fc.integer({ min: 0, max: 60 }),
  maxBuyCostPerShareMicros: fc.option(fc.bigInt(1n, 1_000_000n).map(price)),
  bookFreshnessMs: fc.integer({ min: 100, max: 60_000 }),
  bookWaitMs: fc.integer({ min: 0, max: 10_000 }),
  maxTotalExposureBps: part(),
  maxMarketExposureBps: part(),
  maxLeaderExposureBps: part(),
  maxDailyLossBps: part(),
  maxWeeklyLossBps: part(),
  maxDrawdownBps: part(),
});
const sizing: fc.Arbitrary<ConfigFacts['sizing']> = fc.record({
  sizingMode: fc.constantFrom('fixedRate', 'budgetedDynamic'),
  copyPctNotionalBps: part(100_000n),
  minTradeNotionalMicros: fc.bigInt(0n, 10_000_000n).map(usd),
  maxTradeNotionalMicros: money,
  maxTradeBankrollBps: part(),
  minLeaderTradeNotionalMicros: fc.bigInt(0n, 10_000_000n).map(usd),
  sellMode: fc.constantFrom('proportional', 'rate'),
  budgetMicros: fc.option(money),
  budgetRMinBps: part(),
  budgetRMaxBps: part(),
  budgetEnforcement: fc.constantFrom('hard', 'soft'),
});
const config: fc.Arbitrary<ConfigFacts> = fc.record({
  version: fc.nat(),
  leaderVersion: fc.option(fc.nat()),
  intentExpiryMs: fc.integer({ min: 1_000, max: 600_000 }),
  guardrails,
  sizing,
  sale: fc.option(
    fc.record({
      sellMaxWorseningMicros: fc.option(at(250_000n)),
      sellMaxUnderMidMicros: fc.option(at(250_000n)),
    }),
  ),
});
const group: fc.Arbitrary<DecisionInputs['group']> = fc.record({
  groupKey: fc.constantFrom('g:lt_1', 'x_2'),
  leaderId: fc.constantFrom('L1', 'L2'),
  tokenId: fc.constant(TOKEN),
  conditionId: fc.constant(CONDITION),
  side: fc.constantFrom('BUY', 'SELL'),
  sizeMicros: size,
  notionalMicros: money,
  priceMicros: at(),
  occurredAt: instant,
  leaderHeldMicros: size,
  flush: fc.option(fc.record({ scaledMicros: money, belowMinExec: no })),
  isExit: no,
});
const book: fc.Arbitrary<NonNullable<DecisionInputs['book']>> = fc
  .tuple(at(980_000n), fc.bigInt(-1_000n, 20_000n), fc.array(fc.tuple(at(), size), { maxLength: 4 }))
  .chain(([bid, gap, others]) =>
    fc.record({
      state: fc.constantFrom('live', 'live', 'live', 'absent'),
      bids: mostly(size).map((best) => (best === null ? [] : [[bid, best] as const, ...others])),
      asks: mostly(size).map((best) =>
        best === null ? [] : [[price(bid + gap < 0n ? 0n : bid + gap), best] as const, ...others],
      ),
      ageMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 90_000 })),
    }),
  );
const market = fc.record({
  version: fc.constantFrom('v_1', 'v_2'),
  endsAt: fc.option(instant),
  closed: no,
  feeRateMicros: fc.bigInt(0n, 10_000_000n),
  feeExponent: fc.nat(3),
});
const account: fc.Arbitrary<NonNullable<DecisionInputs['account']>> = fc.record({
  version: fc.bigInt(0n, 10n ** 19n),
  cashMicros: signed,
  reservedCashMicros: money,
  worthMicros: money,
  unpricedPositions: no.map((is) => (is ? 2 : 0)),
  depositedMicros: signed,
  dayProfitMicros: signed,
  weekProfitMicros: signed,
  peakProfitMicros: signed,
});
const exposure = fc.record({ bookedMicros: money, reservedMicros: money });
const wild: fc.Arbitrary<DecisionInputs> = fc.record({
  mode: fc.constantFrom('PAPER', 'LIVE'),
  scope: fc.constantFrom('EXEC_GLOBAL', 'wallet'),
  now: instant,
  waited: fc.boolean(),
  group,
  switches: mostly(fc.record({ copyEngineEnabled: yes, entriesPaused: no })),
  leader: mostly(fc.record({ enabled: yes, entriesPaused: no })),
  live: fc.option(
    fc.record({
      state: fc.constantFrom('ON', 'SHADOW', 'OFF'),
      override: fc.constantFrom('INHERIT', 'FORCE_ON', 'FORCE_OFF'),
    }),
  ),
  stopped: no,
  leaderWorthMicros: fc.option(money),
  config: mostly(config),
  blacklisted: no,
  market: mostly(market),
  book: mostly(book),
  account: mostly(account),
  position: fc.record({ sharesMicros: size, reservedMicros: size }),
  exposure: fc.record({ total: exposure, market: exposure, leader: exposure }),
});

/** Wild ones end at the first checks; most are a usual copy with a few of its facts changed, which get far. */
const anyInputs: fc.Arbitrary<DecisionInputs> = fc.oneof(
  { weight: 1, arbitrary: wild },
  {
    weight: 3,
    arbitrary: wild
      .chain((other) =>
        fc.tuple(
          fc.constantFrom(someInputs(), someSale()),
          fc.subarray(Object.entries(other), { maxLength: 2 }),
        ),
      )
      .map(([usual, changes]) => ({ ...usual, ...Object.fromEntries(changes) })),
  },
);

/** The text of a value with its fields in one order: what the database keeps has no order of fields. */
const textOf = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
/** What the database gives back. */
const stored = (inputs: DecisionInputs): unknown => JSON.parse(textOf(recordInputs(inputs)));
const RUNS = { numRuns: 1_000 };

describe('a decision on any inputs', () => {
  test('is a function of them alone: stored and read, they give the same one', () => {
    fc.assert(
      fc.property(anyInputs, (inputs) => {
        const decision = decide(inputs);
        const read = readInputs(stored(inputs));
        expect(read).toEqual(inputs);
        expect(decide(read)).toEqual(decision);
        expect(decide(inputs)).toEqual(decision);
      }),
      RUNS,
    );
  });

  test('leaves no other record, byte for byte', () => {
    fc.assert(
      fc.property(anyInputs, (inputs) => {
        const before = textOf(recordInputs(inputs));
        decide(inputs);
        expect(textOf(recordInputs(inputs))).toBe(before);
        const again = recordInputs(readInputs(stored(inputs)));
        expect(textOf(again)).toBe(before);
        // In whatever order the fields came, they are written in one.
        expect(JSON.stringify(recordInputs(readInputs(again)))).toBe(JSON.stringify(again));
      }),
      RUNS,
    );
  });

  test('waits for nothing once the wait is over', () => {
    fc.assert(
      fc.property(anyInputs, (inputs) => {
        expect(decide({ ...inputs, waited: true }).kind).not.toBe('wait');
      }),
      RUNS,
    );
  });
});
