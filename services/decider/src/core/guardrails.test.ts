import { bps, price, shares, usd } from '@slipstream/money';
import { REASON_DETAILS, REASONS, type ReasonCode, type ReasonDetail } from '@slipstream/proto';
import { describe, expect, test } from 'vitest';
import {
  BOOK,
  CONFIG,
  groupFacts,
  level,
  someInputs,
  someSale,
  withGuardrails,
  withSizing,
} from '../../test/builders.ts';
import { type Decision, decide } from './decide.ts';
import type { DecisionInputs } from './inputs.ts';
import { codesOf, detailsOf, type Reasons } from './reasons.ts';

type Account = NonNullable<DecisionInputs['account']>;
const DOLLAR = 1_000_000n;

/** Ten thousand dollars were put in; equity is ten thousand and the profit said. */
function account(profit: bigint, over: Partial<Account> = {}): Pick<DecisionInputs, 'account'> {
  const { account: usual } = someInputs();
  if (usual === null) throw new Error('the builder gives an account');
  const depositedMicros = usd(10_000n * DOLLAR);
  return { account: { ...usual, depositedMicros, cashMicros: usd(10_000n * DOLLAR + profit), ...over } };
}
const reasonsOf = (decision: Decision): [ReasonCode[], ReasonDetail[]] =>
  decision.kind === 'skip' ? [codesOf(decision.reasons), detailsOf(decision.reasons)] : [[], []];
const expectTripped = (inputs: DecisionInputs, ...details: readonly ReasonDetail[]): void => {
  expect(reasonsOf(decide(inputs))).toEqual([['CIRCUIT_BREAKER_TRIPPED'], details]);
};
const expectCopy = (inputs: DecisionInputs): void => {
  expect(reasonsOf(decide(inputs))).toEqual([[], []]);
};

describe('13 · breakers', () => {
  // 3 % of the 10 000 at the start of the day.
  test('the loss of the day may reach its limit and no more', () => {
    const limit = -300n * DOLLAR;
    expectCopy(someInputs(account(limit)));
    expectTripped(someInputs(account(limit - 1n)), 'DAILY_LOSS');
  });
  test('the day is measured from its own start: what was lost before does not count', () => {
    const lost = usd(-500n * DOLLAR);
    expectCopy(someInputs(account(lost, { dayProfitMicros: lost })));
    // 3 % of the 9 500 that were there.
    expectCopy(someInputs(account(lost - 285n * DOLLAR, { dayProfitMicros: lost })));
    expectTripped(someInputs(account(lost - 285n * DOLLAR - 1n, { dayProfitMicros: lost })), 'DAILY_LOSS');
  });
  test('the loss of the week has a limit of its own', () => {
    const lost = usd(-800n * DOLLAR);
    const over = (profit: bigint) => account(profit, { dayProfitMicros: usd(profit) });
    expectCopy(someInputs(over(lost)));
    expectTripped(someInputs(over(lost - 1n)), 'WEEKLY_LOSS');
  });
  test('the drawdown is measured from the highest equity', () => {
    // 12 % of 12 000 are 1 440: from a profit of 2 000 down to 560.
    const over = (profit: bigint) =>
      account(profit, {
        peakProfitMicros: usd(2_000n * DOLLAR),
        dayProfitMicros: usd(profit),
        weekProfitMicros: usd(profit),
      });
    expectCopy(someInputs(over(560n * DOLLAR)));
    expectTripped(someInputs(over(560n * DOLLAR - 1n)), 'DRAWDOWN');
  });
  test('a deposit is no profit, and a withdrawal no loss', () => {
    const doubled = { depositedMicros: usd(20_000n * DOLLAR), cashMicros: usd(20_000n * DOLLAR) };
    expectCopy(someInputs(account(0n, doubled)));
    const halved = { depositedMicros: usd(5_000n * DOLLAR), cashMicros: usd(5_000n * DOLLAR) };
    expectCopy(someInputs(account(0n, halved)));
  });
  test('a stopped leader opens nothing', () => {
    expectTripped(someInputs({ stopped: true }), 'CAPITAL_STOP');
  });
  test('all that have tripped are named', () => {
    const peakProfitMicros = usd(1_000n * DOLLAR);
    expectTripped(
      someInputs({ ...account(-900n * DOLLAR, { peakProfitMicros }), stopped: true }),
      ...(['DAILY_LOSS', 'WEEKLY_LOSS', 'DRAWDOWN', 'CAPITAL_STOP'] as const),
    );
  });
  test('an account with nothing left opens nothing', () => {
    const gone = {
      cashMicros: usd(1_000n * DOLLAR),
      worthMicros: usd(-1_000n * DOLLAR),
      dayProfitMicros: usd(-10_000n * DOLLAR),
      weekProfitMicros: usd(-10_000n * DOLLAR),
    };
    const config = withSizing({ maxTradeBankrollBps: bps(10_000n), minTradeNotionalMicros: usd(0n) });
    // Sizing says so first: a bankroll of nothing.
    expect(reasonsOf(decide(someInputs({ ...account(0n, gone), config })))[0]).toEqual([
      'BELOW_MIN_AFTER_BANKROLL_CAP',
    ]);
  });
  test('a sale goes through all of them', () => {
    expectCopy(someSale({ ...account(-5_000n * DOLLAR), stopped: true }));
  });
});

const NOTHING = { bookedMicros: usd(0n), reservedMicros: usd(0n) };
const exposed = (
  what: keyof DecisionInputs['exposure'],
  booked: bigint,
  reserved = 0n,
): Pick<DecisionInputs, 'exposure'> => ({
  exposure: {
    ...{ total: NOTHING, market: NOTHING, leader: NOTHING },
    [what]: { bookedMicros: usd(booked), reservedMicros: usd(reserved) },
  },
});

describe('14 · caps', () => {
  // The copy is 10 dollars; equity is 10 000.
  test.each([
    ['total', 7_000n, 'RISK_CAP_GLOBAL'],
    ['market', 500n, 'RISK_CAP_MARKET'],
    ['leader', 2_000n, 'RISK_CAP_USER'],
  ] as const)('the exposure of %s may reach %s dollars and no more', (what, cap, code) => {
    const room = (cap - 10n) * DOLLAR;
    expectCopy(someInputs(exposed(what, room)));
    expect(reasonsOf(decide(someInputs(exposed(what, room + 1n))))[0]).toEqual([code]);
  });
  test('what is decided and not booked yet counts as if it were booked', () => {
    expectCopy(someInputs(exposed('market', 240n * DOLLAR, 250n * DOLLAR)));
    expect(reasonsOf(decide(someInputs(exposed('market', 240n * DOLLAR, 250n * DOLLAR + 1n))))[0]).toEqual([
      'RISK_CAP_MARKET',
    ]);
  });
  test('all that are reached are named', () => {
    const full = { bookedMicros: usd(9_000n * DOLLAR), reservedMicros: usd(0n) };
    const exposure = { total: full, market: full, leader: full };
    expect(reasonsOf(decide(someInputs({ exposure })))[0]).toEqual([
      'RISK_CAP_GLOBAL',
      'RISK_CAP_MARKET',
      'RISK_CAP_USER',
    ]);
  });
  test('a sale goes through them', () => {
    expectCopy(someSale(exposed('total', 10n ** 12n)));
  });
});

describe('a pause of entries', () => {
  test('of all or of one leader stops buys and lets sales through', () => {
    const switches = { copyEngineEnabled: true, entriesPaused: true };
    const leader = { enabled: true, entriesPaused: true };
    expect(reasonsOf(decide(someInputs({ switches })))).toEqual([['ENGINE_PAUSED'], ['ENTRIES_PAUSED']]);
    expect(reasonsOf(decide(someInputs({ leader })))).toEqual([['USER_DISABLED'], ['LEADER_ENTRIES_PAUSED']]);
    expectCopy(someSale({ switches, leader }));
  });
  test('holds in LIVE, too', () => {
    const live: Partial<DecisionInputs> = { mode: 'LIVE', live: { state: 'ON', override: 'INHERIT' } };
    const switches = { copyEngineEnabled: false, entriesPaused: true };
    expect(reasonsOf(decide(someInputs({ ...live, switches })))).toEqual([
      ['ENGINE_PAUSED'],
      ['ENTRIES_PAUSED'],
    ]);
  });
});

describe('an exit of our own', () => {
  const exit = (over: Partial<DecisionInputs> = {}): DecisionInputs =>
    someSale({
      group: groupFacts({ side: 'SELL', priceMicros: price(490_000n), isExit: true }),
      stopped: true,
      ...over,
    });
  test('sells all that we hold, whatever the leader is set to', () => {
    const decision = decide(exit({ leader: { enabled: false, entriesPaused: true }, blacklisted: true }));
    expect(decision).toMatchObject({ kind: 'copy', target: { sizeMicros: 40_000_000n } });
  });
  test('is stopped by a paused engine and by a book that lies, like anything else', () => {
    const switches = { copyEngineEnabled: false, entriesPaused: false };
    expect(reasonsOf(decide(exit({ switches })))[0]).toEqual(['ENGINE_PAUSED']);
    expect(reasonsOf(decide(exit({ book: null, waited: true })))[0]).toEqual(['NO_FRESH_BOOK']);
  });
});

const live: Partial<DecisionInputs> = { mode: 'LIVE', live: { state: 'ON', override: 'INHERIT' } };
const buy = (over: Partial<DecisionInputs['group']>): Pick<DecisionInputs, 'group'> => ({
  group: groupFacts(over),
});
const { guardrails } = CONFIG;

/** One way to each code that the decider can give. */
const WAYS: Readonly<Partial<Record<ReasonCode, DecisionInputs>>> = {
  ENGINE_PAUSED: someInputs({ switches: null }),
  USER_DISABLED: someInputs({ leader: null }),
  LIVE_USER_DISABLED: someInputs({ ...live, live: { state: 'SHADOW', override: 'FORCE_OFF' } }),
  MARKET_BLACKLISTED: someInputs({ blacklisted: true }),
  LEADER_TRADE_TOO_OLD: someInputs(buy({ occurredAt: '2026-11-20T11:57:59.999Z' })),
  LEADER_TRADE_BELOW_MIN_NOTIONAL: someInputs({
    config: withSizing({ minLeaderTradeNotionalMicros: usd(10n ** 12n) }),
  }),
  MARKET_TOO_CLOSE_TO_CLOSE: someInputs({
    market: {
      version: 'v',
      endsAt: '2026-11-20T12:29:59.999Z',
      closed: false,
      feeRateMicros: 0n,
      feeExponent: 1,
    },
  }),
  BUFFER_FLUSH_BELOW_MIN_EXEC: someInputs(buy({ flush: { scaledMicros: usd(99_999n), belowMinExec: true } })),
  BELOW_MIN_AFTER_BANKROLL_CAP: someInputs(account(-9_900n * DOLLAR)),
  BUDGET_HARD_CAP_EXCEEDED: someInputs({
    config: withSizing({ budgetMicros: usd(100n * DOLLAR) }),
    ...exposed('leader', 100n * DOLLAR),
  }),
  MISSING_EQUITY: someInputs({ account: null }),
  MISSING_MARKET_DATA: someInputs({ market: null, waited: true }),
  NO_FRESH_BOOK: someInputs({ book: null, waited: true }),
  LIVE_NO_FRESH_BOOK: someInputs({ ...live, book: null, waited: true }),
  NOT_ENOUGH_CASH: someInputs(account(0n, { reservedCashMicros: usd(9_995n * DOLLAR) })),
  NOT_ENOUGH_POSITION_TO_SELL: someSale({
    position: { sharesMicros: shares(0n), reservedMicros: shares(0n) },
  }),
  BUY_COST_PER_SHARE_TOO_HIGH: someInputs({
    config: withGuardrails({ maxBuyCostPerShareMicros: price(510_000n) }),
  }),
  SPREAD_TOO_WIDE: someInputs({ book: { ...BOOK, bids: [level(479_999n, 10n ** 9n)] } }),
  PRICE_WORSE_THAN_THEIR_FILL: someInputs(buy({ priceMicros: price(480_000n) })),
  PRICE_TOO_FAR_OVER_MID: someInputs({
    config: withGuardrails({ maxOverMidMicros: price(0n), maxSpreadMicros: guardrails.maxSpreadMicros }),
  }),
  INSUFFICIENT_DEPTH: someInputs({ book: { ...BOOK, asks: [level(500_000n, 24_999_999n)] } }),
  NO_LIQUIDITY_WITHIN_BOUNDS: someInputs({ book: { ...BOOK, asks: [level(500_000n, 1n)] } }),
  CIRCUIT_BREAKER_TRIPPED: someInputs({ stopped: true }),
  RISK_CAP_GLOBAL: someInputs(exposed('total', 7_000n * DOLLAR)),
  RISK_CAP_MARKET: someInputs(exposed('market', 500n * DOLLAR)),
  RISK_CAP_USER: someInputs(exposed('leader', 2_000n * DOLLAR)),
};

describe('every code', () => {
  test.each(Object.entries(WAYS))('%s is given, and has its sentence', (code, inputs) => {
    const [codes, details] = reasonsOf(decide(inputs));
    expect(codes).toContain(code);
    for (const one of codes) expect(REASONS[one].length).toBeGreaterThan(10);
    for (const one of details) expect(REASON_DETAILS[one].length).toBeGreaterThan(10);
  });

  test('a skip without a reason does not compile', () => {
    // @ts-expect-error: at least one reason
    const none: Reasons = [];
    expect(none).toEqual([]);
  });
});
