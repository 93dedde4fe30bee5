import { bps, price, shares, usd } from '@slipstream/money';
import { REASONS, type ReasonCode } from '@slipstream/proto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BOOK,
  CONFIG,
  groupFacts,
  level,
  NOW,
  someInputs,
  someSale,
  withGuardrails,
  withSizing,
} from '../../test/builders.ts';
import { levelsUsed, pricesOf } from './bounds.ts';
import { decide } from './decide.ts';
import type { DecisionInputs, MarketFacts } from './inputs.ts';
import { codesOf } from './reasons.ts';

const at = (ms: number): string => new Date(NOW.getTime() + ms).toISOString();
const market = (over: Partial<MarketFacts>): Pick<DecisionInputs, 'market'> => {
  const { market: usual } = someInputs();
  if (usual === null) throw new Error('the builder gives a market');
  return { market: { ...usual, ...over } };
};
const book = (over: Partial<typeof BOOK>): Pick<DecisionInputs, 'book'> => ({ book: { ...BOOK, ...over } });
const account = (over: object): Pick<DecisionInputs, 'account'> => {
  const { account: usual } = someInputs();
  if (usual === null) throw new Error('the builder gives an account');
  return { account: { ...usual, ...over } };
};
const expectSkip = (inputs: DecisionInputs, ...reasons: readonly ReasonCode[]): void => {
  const decision = decide(inputs);
  expect(decision.kind).toBe('skip');
  if (decision.kind === 'skip') expect(codesOf(decision.reasons)).toEqual(reasons);
};
const live: Partial<DecisionInputs> = {
  mode: 'LIVE',
  scope: 'wallet',
  switches: { copyEngineEnabled: false, entriesPaused: false },
  live: { state: 'ON', override: 'INHERIT' },
};

describe('decide', () => {
  test('copies a BUY, bounded by the leader’s price and our middle, and holds back its cash and fee', () => {
    expect(decide(someInputs())).toEqual({
      kind: 'copy',
      target: { notionalMicros: 10_000_000n, sizeMicros: 20_000_000n },
      limitPriceMicros: 510_000n,
      // 20 shares × 5 % × 0.5 × 0.5 = 0.25 dollars.
      reserve: { cashMicros: 10_250_000n, sharesMicros: 0n },
    });
  });
  test('copies a SELL and holds back its shares', () => {
    expect(decide(someSale())).toEqual({
      kind: 'copy',
      target: { notionalMicros: 19_600_000n, sizeMicros: 40_000_000n },
      limitPriceMicros: 480_000n,
      reserve: { cashMicros: 0n, sharesMicros: 40_000_000n },
    });
  });
  test('decides LIVE by the same rules, with its own codes', () => {
    expect(decide(someInputs(live)).kind).toBe('copy');
    expectSkip(someInputs({ ...live, book: null, waited: true }), 'LIVE_NO_FRESH_BOOK');
  });
});

describe('1 · the engine', () => {
  test.each([
    { switches: { copyEngineEnabled: false, entriesPaused: false } },
    { switches: null },
    { config: null },
  ])('is paused with %o', (over) => {
    expectSkip(someInputs(over), 'ENGINE_PAUSED');
  });
});

describe('2 · the leader', () => {
  const leader = { enabled: false, entriesPaused: false };
  test('who is off, or unknown, is not copied', () => {
    expectSkip(someInputs({ leader }), 'USER_DISABLED');
    expectSkip(someInputs({ leader: null }), 'USER_DISABLED');
  });
  test('who is forced off is not copied for real, and on paper he is', () => {
    expectSkip(someInputs({ ...live, live: { state: 'ON', override: 'FORCE_OFF' } }), 'LIVE_USER_DISABLED');
    expect(decide(someInputs()).kind).toBe('copy');
  });
  test('gives both reasons where both hold', () => {
    const off = { state: 'OFF', override: 'INHERIT' } as const;
    expectSkip(someInputs({ ...live, live: off, leader: null }), 'USER_DISABLED', 'LIVE_USER_DISABLED');
  });
});

test('3 · what is blacklisted is not copied', () => {
  expectSkip(someInputs({ blacklisted: true }), 'MARKET_BLACKLISTED');
});

test('4 · a trade that is a millisecond too old is not copied', () => {
  expect(decide(someInputs({ group: groupFacts({ occurredAt: at(-120_000) }) })).kind).toBe('copy');
  expectSkip(someInputs({ group: groupFacts({ occurredAt: at(-120_001) }) }), 'LEADER_TRADE_TOO_OLD');
});

describe('5 · the end of the market', () => {
  test('stops opening within the configured minutes', () => {
    expect(decide(someInputs(market({ endsAt: at(30 * 60_000) }))).kind).toBe('copy');
    expectSkip(someInputs(market({ endsAt: at(30 * 60_000 - 1) })), 'MARKET_TOO_CLOSE_TO_CLOSE');
    expectSkip(someInputs(market({ endsAt: at(-1) })), 'MARKET_TOO_CLOSE_TO_CLOSE');
  });
  test('is never near where the exchange names none, unless the market is closed', () => {
    expect(decide(someInputs(market({ endsAt: null }))).kind).toBe('copy');
    expectSkip(someInputs(market({ endsAt: null, closed: true })), 'MARKET_TOO_CLOSE_TO_CLOSE');
  });
  test('does not stop a sale', () => {
    expect(decide(someSale(market({ endsAt: at(1), closed: true }))).kind).toBe('copy');
  });
  test('that is not known yet is waited for, and then missed', () => {
    expect(decide(someInputs({ market: null }))).toEqual({ kind: 'wait' });
    expectSkip(someInputs({ market: null, waited: true }), 'MISSING_MARKET_DATA');
  });
});

describe('6 · the size', () => {
  test('that cannot be computed is a skip at once, whatever the book', () => {
    expectSkip(someInputs({ account: null, book: null }), 'MISSING_EQUITY');
    expectSkip(someInputs(account({ unpricedPositions: 1 })), 'MISSING_EQUITY');
    expectSkip(someInputs(account({ cashMicros: usd(1_000_000n) })), 'BELOW_MIN_AFTER_BANKROLL_CAP');
    expectSkip(
      someSale({ position: { sharesMicros: shares(0n), reservedMicros: shares(0n) } }),
      'NOT_ENOUGH_POSITION_TO_SELL',
    );
    const config = withSizing({ minLeaderTradeNotionalMicros: usd(10n ** 10n) });
    expectSkip(someInputs({ config }), 'LEADER_TRADE_BELOW_MIN_NOTIONAL');
  });
});

describe('7 · the book', () => {
  const crossed = { bids: [level(510_000n, 1n)], asks: [level(510_000n, 1n)] };
  test.each([
    ['missing', { book: null }],
    ['too old', book({ ageMs: 2_001 })],
    ['crossed', book(crossed)],
    ['absent for long', book({ state: 'absent', bids: [], asks: [], ageMs: 2_001 })],
  ])('that is %s is waited for, and then given up', (_, over) => {
    expect(decide(someInputs(over))).toEqual({ kind: 'wait' });
    expectSkip(someInputs({ ...over, waited: true }), 'NO_FRESH_BOOK');
  });
  test('that the exchange has just said not to have is not waited for', () => {
    expectSkip(someInputs(book({ state: 'absent', bids: [], asks: [] })), 'NO_FRESH_BOOK');
  });
  test('is fresh up to the configured age', () => {
    expect(decide(someInputs(book({ ageMs: 2_000 }))).kind).toBe('copy');
  });
  test('that is given up leaves the size on record', () => {
    expect(decide(someInputs({ book: null, waited: true }))).toMatchObject({
      target: { notionalMicros: 10_000_000n },
      limitPriceMicros: null,
    });
  });
});

describe('8 · cash', () => {
  test('must pay for the notional and the fee, to the micro', () => {
    const worth = { worthMicros: usd(10_000_000_000n) };
    expect(decide(someInputs(account({ cashMicros: usd(10_250_000n), ...worth }))).kind).toBe('copy');
    expectSkip(someInputs(account({ cashMicros: usd(10_249_999n), ...worth })), 'NOT_ENOUGH_CASH');
  });
  test('that our own open buys may take is gone', () => {
    expectSkip(someInputs(account({ reservedCashMicros: usd(9_990_000_000n) })), 'NOT_ENOUGH_CASH');
  });
  test('is not needed to sell', () => {
    expect(decide(someSale(account({ cashMicros: usd(0n) }))).kind).toBe('copy');
  });
});

describe('9 · the cost of a share', () => {
  const dearest = (n: bigint) => ({ config: withGuardrails({ maxBuyCostPerShareMicros: price(n) }) });
  test('fails when the bound reaches the limit', () => {
    expect(decide(someInputs(dearest(510_001n))).kind).toBe('copy');
    expectSkip(someInputs(dearest(510_000n)), 'BUY_COST_PER_SHARE_TOO_HIGH');
  });
  test('fails when the leader’s own price does, even with one side of a book', () => {
    expectSkip(someInputs({ ...dearest(500_000n), ...book({ bids: [] }) }), 'BUY_COST_PER_SHARE_TOO_HIGH');
  });
  test('does not matter to a sale', () => {
    expect(decide(someSale(dearest(1n))).kind).toBe('copy');
  });
});

describe('10 · the spread', () => {
  test('may be as wide as configured and no wider', () => {
    expect(decide(someInputs(book({ bids: [level(480_000n, 10n ** 10n)] }))).kind).toBe('copy');
    expectSkip(someInputs(book({ bids: [level(479_999n, 10n ** 10n)] })), 'SPREAD_TOO_WIDE');
  });
  test.each([{ bids: [] }, { asks: [] }, { bids: [], asks: [] }])('has no end with %o', (over) => {
    expectSkip(someInputs(book(over)), 'SPREAD_TOO_WIDE');
  });
});

describe('11 · the price', () => {
  const theirs = (n: bigint) => ({ group: groupFacts({ priceMicros: price(n) }) });
  test('may be worse than theirs by the configured amount', () => {
    expect(decide(someInputs(theirs(490_000n))).kind).toBe('copy');
    expectSkip(someInputs(theirs(489_999n)), 'PRICE_WORSE_THAN_THEIR_FILL');
  });
  test('may be over the middle by the configured amount', () => {
    const config = (n: bigint) => ({ config: withGuardrails({ maxOverMidMicros: price(n) }) });
    expect(decide(someInputs(config(5_000n))).kind).toBe('copy');
    expectSkip(someInputs(config(4_999n)), 'PRICE_TOO_FAR_OVER_MID');
  });
  test('gives both reasons where both hold', () => {
    const config = withGuardrails({ maxOverMidMicros: price(4_999n) });
    expectSkip(
      someInputs({ ...theirs(489_999n), config }),
      'PRICE_WORSE_THAN_THEIR_FILL',
      'PRICE_TOO_FAR_OVER_MID',
    );
  });
  test('bounds a sale from below', () => {
    const sale = (n: bigint) =>
      someSale({
        group: groupFacts({ side: 'SELL', priceMicros: price(n), leaderHeldMicros: shares(1n) }),
      });
    expect(decide(sale(500_000n)).kind).toBe('copy');
    expectSkip(sale(500_001n), 'PRICE_WORSE_THAN_THEIR_FILL');
    expectSkip(
      someSale({ config: withGuardrails({ maxOverMidMicros: price(4_999n) }) }),
      'PRICE_TOO_FAR_OVER_MID',
    );
  });
});

describe('12 · the depth', () => {
  test('must hold the target and more, inside the bounds', () => {
    // 12.5 dollars at 0.50 are 25 shares.
    expect(decide(someInputs(book({ asks: [level(500_000n, 25_000_000n)] }))).kind).toBe('copy');
    expectSkip(
      someInputs(book({ asks: [level(500_000n, 24_999_999n), level(510_001n, 10n ** 9n)] })),
      'INSUFFICIENT_DEPTH',
    );
  });
  test('of nothing at all has its own reason', () => {
    expectSkip(someInputs(book({ asks: [level(500_000n, 0n)] })), 'NO_LIQUIDITY_WITHIN_BOUNDS');
  });
  test('matters to a sale, too', () => {
    const config = withGuardrails({ minDepthMultiplierBps: bps(10_000n) });
    expectSkip(someSale({ config, ...book({ bids: [level(490_000n, 39_999_999n)] }) }), 'INSUFFICIENT_DEPTH');
  });
});

const arbitraryInputs: fc.Arbitrary<DecisionInputs> = fc
  .record({
    side: fc.constantFrom('BUY' as const, 'SELL' as const),
    mode: fc.constantFrom('PAPER' as const, 'LIVE' as const),
    priceMicros: fc.bigInt(0n, 1_000_000n),
    sizeMicros: fc.bigInt(1n, 10n ** 12n),
    ours: fc.bigInt(0n, 10n ** 12n),
    reserved: fc.bigInt(0n, 10n ** 12n),
    cash: fc.bigInt(0n, 10n ** 12n),
    bid: fc.bigInt(0n, 1_000_000n),
    gap: fc.bigInt(-10n, 60_000n),
    depth: fc.bigInt(0n, 10n ** 12n),
    ageMs: fc.integer({ min: 0, max: 4_000 }),
    waited: fc.boolean(),
    enabled: fc.boolean(),
    least: fc.bigInt(0n, 10n ** 7n),
  })
  .map((a) => {
    const ask = a.bid + a.gap;
    return someInputs({
      mode: a.mode,
      waited: a.waited,
      switches: { copyEngineEnabled: a.enabled, entriesPaused: false },
      live: a.mode === 'LIVE' ? { state: a.enabled ? 'ON' : 'OFF', override: 'INHERIT' } : null,
      config: withSizing({ minTradeNotionalMicros: usd(a.least) }),
      group: groupFacts({
        side: a.side,
        priceMicros: price(a.priceMicros),
        sizeMicros: shares(a.sizeMicros),
        notionalMicros: usd((a.sizeMicros * a.priceMicros) / 1_000_000n),
        leaderHeldMicros: shares(a.sizeMicros * 2n),
      }),
      ...account({ cashMicros: usd(a.cash) }),
      position: { sharesMicros: shares(a.ours), reservedMicros: shares(a.reserved) },
      ...book({
        ageMs: a.ageMs,
        bids: [level(a.bid, a.depth)],
        asks: ask < 0n || ask > 1_000_000n ? [] : [level(ask, a.depth), level(1_000_000n, a.depth)],
      }),
    });
  });

describe('any inputs', () => {
  test('give one decision: a skip with known reasons, a wait only before it is over, or a copy inside all limits', () => {
    fc.assert(
      fc.property(arbitraryInputs, (inputs) => {
        const decision = decide(inputs);
        if (decision.kind === 'wait') expect(inputs.waited).toBe(false);
        if (decision.kind === 'skip')
          expect(codesOf(decision.reasons).every((code) => code in REASONS)).toBe(true);
        if (decision.kind !== 'copy') return;
        const { group, position, account: ours, book: theirs } = inputs;
        const free = (ours?.cashMicros ?? 0n) - (ours?.reservedCashMicros ?? 0n);
        expect(decision.reserve.cashMicros <= free || group.side === 'SELL').toBe(true);
        if (group.side === 'SELL')
          expect(decision.target.sizeMicros <= position.sharesMicros - position.reservedMicros).toBe(true);
        const best = group.side === 'BUY' ? theirs?.asks[0]?.[0] : theirs?.bids[0]?.[0];
        expect(
          best !== undefined &&
            (group.side === 'BUY' ? best <= decision.limitPriceMicros : best >= decision.limitPriceMicros),
        ).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
  test('are decided the same with only the levels that the decision looks at', () => {
    fc.assert(
      fc.property(arbitraryInputs, (inputs) => {
        const { book: whole, group } = inputs;
        if (whole === null) return;
        const prices = pricesOf(whole, group.side, group.priceMicros, CONFIG);
        const used = { ...inputs, book: { ...whole, ...levelsUsed(whole, group.side, prices) } };
        expect(decide(used)).toEqual(decide(inputs));
      }),
      { numRuns: 1_000 },
    );
  });
});
