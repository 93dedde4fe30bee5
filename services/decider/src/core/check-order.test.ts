import { price, shares, usd } from '@slipstream/money';
import { REASON_DETAILS, type ReasonCode, type ReasonDetail } from '@slipstream/proto';
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
import { pricesOf } from './bounds.ts';
import { decide, type Skip } from './decide.ts';
import { EXECUTABLE, firstFailing, type Quoted } from './guardrails.ts';
import type { DecisionInputs } from './inputs.ts';
import { codesOf, detailsOf } from './reasons.ts';

const DOLLAR = 1_000_000n;

const codes = (inputs: DecisionInputs): ReasonCode[] => {
  const decision = decide(inputs);
  return decision.kind === 'skip' ? codesOf(decision.reasons) : [];
};

/** Broken at every check that a BUY can fail, from the first on; each is mended when its turn is over. */
const BROKEN: readonly (readonly [string, Partial<DecisionInputs>, readonly ReasonCode[]])[] = [
  ['1 the engine', { switches: { copyEngineEnabled: false, entriesPaused: false } }, ['ENGINE_PAUSED']],
  ['2 the leader', { leader: null }, ['USER_DISABLED']],
  ['3 the blacklist', { blacklisted: true }, ['MARKET_BLACKLISTED']],
  ['4 the age', { now: '2026-11-20T13:00:00.000Z' }, ['LEADER_TRADE_TOO_OLD']],
  ['5 the market', { market: null, waited: true }, ['MISSING_MARKET_DATA']],
  ['6 the size', { account: null }, ['MISSING_EQUITY']],
  ['7 the book', { book: null, waited: true }, ['NO_FRESH_BOOK']],
];

describe('a check that fails ends the evaluation', () => {
  test.each(BROKEN.map((broken, i) => [...broken, i] as const))('%s', (_, _over, reasons, first) => {
    const rest = BROKEN.slice(first).map(([, over]) => over);
    expect(codes(someInputs(Object.assign({}, ...rest)))).toEqual(reasons);
  });

  // From here on several fields of the same inputs are broken: a cash of nothing, a book of one level.
  const { account } = someInputs();
  if (account === null) throw new Error('the builder gives an account');
  const poor = { account: { ...account, worthMicros: account.cashMicros, cashMicros: usd(0n) } };
  const dear = withGuardrails({ maxBuyCostPerShareMicros: price(1n) });
  const wide = [level(470_000n, 10n ** 9n)];
  const thin = [level(500_000n, 1n)];
  const over = { bookedMicros: usd(10n ** 12n), reservedMicros: usd(0n) };
  const full = { exposure: { total: over, market: over, leader: over }, stopped: true };
  const theirs = { group: groupFacts({ priceMicros: price(480_000n) }) };

  test('8 cash before 9 cost before 10 spread before 11 price before 12 depth before 13 breakers', () => {
    const book = { ...BOOK, bids: wide, asks: thin };
    expect(codes(someInputs({ ...poor, ...full, ...theirs, config: dear, book }))).toEqual([
      'NOT_ENOUGH_CASH',
    ]);
    expect(codes(someInputs({ ...full, ...theirs, config: dear, book }))).toEqual([
      'BUY_COST_PER_SHARE_TOO_HIGH',
    ]);
    expect(codes(someInputs({ ...full, ...theirs, book }))).toEqual(['SPREAD_TOO_WIDE']);
    const narrow = { ...BOOK, asks: thin };
    expect(codes(someInputs({ ...full, ...theirs, book: narrow }))).toEqual(['PRICE_WORSE_THAN_THEIR_FILL']);
    expect(codes(someInputs({ ...full, book: narrow }))).toEqual(['NO_LIQUIDITY_WITHIN_BOUNDS']);
    const shallow = { ...BOOK, asks: [level(500_000n, 24_999_999n)] };
    expect(codes(someInputs({ ...full, book: shallow }))).toEqual(['INSUFFICIENT_DEPTH']);
  });

  test('13 breakers before 14 caps, which collect all', () => {
    expect(codes(someInputs(full))).toEqual(['CIRCUIT_BREAKER_TRIPPED']);
    expect(codes(someInputs({ ...full, stopped: false }))).toEqual([
      'RISK_CAP_GLOBAL',
      'RISK_CAP_MARKET',
      'RISK_CAP_USER',
    ]);
  });
});

/** The same inputs at checks 10–14, however little equity there is: sizing would have refused them before. */
function executable(over: Partial<NonNullable<DecisionInputs['account']>>): [ReasonCode[], ReasonDetail[]] {
  const { account, market, ...inputs } = someInputs();
  const prices = pricesOf(BOOK, 'BUY', inputs.group.priceMicros, CONFIG);
  if (account === null || market === null || prices === null) throw new Error('the builder gives them');
  const target = { notionalMicros: usd(10n * DOLLAR), sizeMicros: shares(20n * DOLLAR) };
  const priced: Quoted = {
    ...inputs,
    ...{ account: { ...account, ...over }, market, book: BOOK, config: CONFIG, target, prices },
  };
  const reasons = firstFailing(EXECUTABLE, priced) ?? [];
  return [codesOf(reasons), detailsOf(reasons)];
}

describe('equity that is gone', () => {
  // What was put in was lost long ago, so that neither day nor week nor peak has anything to say.
  const long = usd(-10_000n * DOLLAR);
  const lost = { dayProfitMicros: long, weekProfitMicros: long, peakProfitMicros: long };

  test.each([0n, -1n])('trips a breaker of its own at %s', (cash) => {
    const [found, details] = executable({ ...lost, cashMicros: usd(cash) });
    expect(found).toEqual(['CIRCUIT_BREAKER_TRIPPED']);
    expect(details).toContain('EQUITY_GONE');
  });
  test('is named alone where nothing else has tripped, and not a micro above nothing', () => {
    expect(executable({ ...lost, cashMicros: usd(0n) })[1]).toEqual(['EQUITY_GONE']);
    expect(executable({ ...lost, cashMicros: usd(1n) })).toEqual([
      ['RISK_CAP_GLOBAL', 'RISK_CAP_MARKET', 'RISK_CAP_USER'],
      [],
    ]);
  });
  test('that is not known is missing, and no breaker', () => {
    expect(executable({ unpricedPositions: 1 })).toEqual([['MISSING_EQUITY'], []]);
  });
  test('is refused by sizing before it gets here', () => {
    const { account } = someInputs();
    if (account === null) throw new Error('the builder gives an account');
    expect(codes(someInputs({ account: { ...account, cashMicros: usd(0n) } }))).toEqual([
      'BELOW_MIN_AFTER_BANKROLL_CAP',
    ]);
  });
});

describe('every detail', () => {
  const { account } = someInputs();
  if (account === null) throw new Error('the builder gives an account');
  const lost = (micros: bigint, over: Partial<typeof account> = {}) => ({
    account: { ...account, cashMicros: usd(account.cashMicros - micros), ...over },
  });
  const WAYS: Readonly<Record<Exclude<ReasonDetail, 'EQUITY_GONE'>, DecisionInputs>> = {
    ENTRIES_PAUSED: someInputs({ switches: { copyEngineEnabled: true, entriesPaused: true } }),
    LEADER_ENTRIES_PAUSED: someInputs({ leader: { enabled: true, entriesPaused: true } }),
    DAILY_LOSS: someInputs(lost(301n * DOLLAR)),
    WEEKLY_LOSS: someInputs(lost(801n * DOLLAR, { dayProfitMicros: usd(-801n * DOLLAR) })),
    DRAWDOWN: someInputs(lost(0n, { peakProfitMicros: usd(1_364n * DOLLAR) })),
    CAPITAL_STOP: someInputs({ stopped: true }),
  };
  test.each(Object.entries(WAYS))('%s is given alone, and has its sentence', (detail, inputs) => {
    const decision = decide(inputs);
    const details = decision.kind === 'skip' ? detailsOf(decision.reasons) : [];
    expect(details).toEqual([detail]);
    for (const one of details) expect(REASON_DETAILS[one]).toMatch(/^[A-Z].{10,}\.$/);
  });
  test('a drawdown at its limit is not over it', () => {
    // 12 % of a peak of 11 363.636363 are 1 363.636363: just what is missing to 10 000.
    const peak = (micros: bigint) => someInputs(lost(0n, { peakProfitMicros: usd(micros) }));
    expect(codes(peak(1_363_636_363n))).toEqual([]);
    expect(codes(peak(1_363_636_364n))).toEqual(['CIRCUIT_BREAKER_TRIPPED']);
  });
});

describe('an exit of our own', () => {
  const exit = (over: Partial<DecisionInputs> = {}): DecisionInputs =>
    someSale({
      group: groupFacts({ side: 'SELL', priceMicros: price(490_000n), isExit: true }),
      ...over,
    });
  const live = (state: 'ON' | 'OFF', override: 'INHERIT' | 'FORCE_OFF'): Partial<DecisionInputs> => ({
    mode: 'LIVE',
    live: { state, override },
  });

  test('is not too small, however large the least trade of a leader', () => {
    const config = withSizing({ minLeaderTradeNotionalMicros: usd(10n ** 15n) });
    expect(decide(exit({ config }))).toMatchObject({ kind: 'copy', target: { sizeMicros: 40_000_000n } });
    expect(codes(someSale({ config }))).toEqual(['LEADER_TRADE_BELOW_MIN_NOTIONAL']);
  });
  test('sells nothing for real where live trading is off, or forced off for him', () => {
    expect(codes(exit(live('ON', 'INHERIT')))).toEqual([]);
    expect(codes(exit(live('OFF', 'INHERIT')))).toEqual(['LIVE_USER_DISABLED']);
    expect(codes(exit(live('ON', 'FORCE_OFF')))).toEqual(['LIVE_USER_DISABLED']);
  });
  test('needs a position that is not on its way out already', () => {
    const position = { sharesMicros: shares(40n), reservedMicros: shares(40n) };
    expect(codes(exit({ position }))).toEqual(['NOT_ENOUGH_POSITION_TO_SELL']);
  });
  test('holds to the bounds like any sale', () => {
    const group = groupFacts({ side: 'SELL', priceMicros: price(500_001n), isExit: true });
    expect(codes(exit({ group }))).toEqual(['PRICE_WORSE_THAN_THEIR_FILL']);
  });
});

test('a skip without a reason does not compile', () => {
  const skip: Omit<Skip, 'reasons'> = { kind: 'skip', target: null, limitPriceMicros: null };
  // @ts-expect-error: no reasons at all
  const none: Skip = skip;
  // @ts-expect-error: at least one reason
  const empty: Skip = { ...skip, reasons: [] };
  // @ts-expect-error: a reason of the closed list
  const unknown: Skip = { ...skip, reasons: [{ code: 'BECAUSE', detail: null }] };
  expect([none, empty, unknown]).toHaveLength(3);
});
