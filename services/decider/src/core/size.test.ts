import { bps, notional, ONE, price, shares, usd } from '@slipstream/money';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CONFIG, groupFacts, someInputs, someSale, withSizing } from '../../test/builders.ts';
import { equityOf, size, sizeBuy, sizeSell } from './size.ts';

const sell = (
  group: Parameters<typeof sizeSell>[0],
  sizing: Parameters<typeof sizeSell>[1],
  available: Parameters<typeof sizeSell>[2],
) => sizeSell(group, sizing, available, null);

const EQUITY = usd(10_000_000_000n);
const NOTHING = { bookedMicros: usd(0n), reservedMicros: usd(0n) };
const buy = (
  notionalMicros: bigint,
  sizing: Partial<typeof CONFIG.sizing> = {},
  equity: typeof EQUITY | null = EQUITY,
) =>
  sizeBuy(
    { group: groupFacts({ notionalMicros: usd(notionalMicros) }), equity, leaderWorth: null, ours: NOTHING },
    withSizing(sizing).sizing,
  );
const sized = (notionalMicros: bigint, sizeMicros: bigint) => ({
  kind: 'sized',
  target: { notionalMicros, sizeMicros },
});
const refused = (...codes: string[]) => ({
  kind: 'refused',
  reasons: codes.map((code) => ({ code, detail: null })),
});

describe('sizeBuy', () => {
  test('copies one percent, in shares at the leader’s price', () => {
    expect(buy(1_000_000_000n)).toEqual(sized(10_000_000n, 20_000_000n));
  });
  test('raises to the minimum', () => {
    expect(buy(100_000_000n)).toEqual(sized(5_000_000n, 10_000_000n));
  });
  test('cuts to the maximum', () => {
    expect(buy(10n ** 12n, { maxTradeBankrollBps: bps(10_000n) })).toEqual(sized(250_000_000n, 500_000_000n));
  });
  test('cuts to the bankroll', () => {
    expect(buy(10n ** 12n)).toEqual(sized(75_000_000n, 150_000_000n));
  });
  test('skips where the bankroll leaves less than the minimum', () => {
    expect(buy(10n ** 9n, {}, usd(600_000_000n))).toEqual(refused('BELOW_MIN_AFTER_BANKROLL_CAP'));
  });
  test.each([0n, -5n])('an equity of %s leaves nothing, even without a minimum', (equity) => {
    expect(buy(10n ** 9n, { minTradeNotionalMicros: usd(0n) }, usd(equity))).toEqual(
      refused('BELOW_MIN_AFTER_BANKROLL_CAP'),
    );
  });
  test('needs to know the equity', () => {
    expect(buy(10n ** 9n, {}, null)).toEqual(refused('MISSING_EQUITY'));
  });
  test('a copy of no share at all is too small', () => {
    expect(buy(99n, { minTradeNotionalMicros: usd(0n) })).toEqual(refused('LEADER_TRADE_BELOW_MIN_NOTIONAL'));
  });
  test('a leader’s price of nothing gives no number of shares', () => {
    const group = groupFacts({ priceMicros: price(0n) });
    expect(sizeBuy({ group, equity: EQUITY, leaderWorth: null, ours: NOTHING }, CONFIG.sizing)).toEqual(
      refused('LEADER_TRADE_BELOW_MIN_NOTIONAL'),
    );
  });

  test('clamps in the stated order: the bankroll has the last word, then the maximum, then the minimum', () => {
    const dollars = fc.bigInt(0n, 10n ** 12n);
    fc.assert(
      fc.property(
        dollars,
        dollars,
        dollars,
        dollars,
        fc.bigInt(0n, 10_000n),
        (n, equity, least, extra, part) => {
          const sizing = { minTradeNotionalMicros: usd(least), maxTradeNotionalMicros: usd(least + extra) };
          const answer = buy(n, { ...sizing, maxTradeBankrollBps: bps(part) }, usd(equity));
          const bankroll = (equity * part) / 10_000n;
          if (answer.kind === 'refused') return;
          const { notionalMicros, sizeMicros } = answer.target;
          expect(notionalMicros <= bankroll && notionalMicros <= least + extra).toBe(true);
          expect(notionalMicros >= least).toBe(true);
          expect(notional(sizeMicros, price(500_000n), 'up') <= notionalMicros).toBe(true);
        },
      ),
    );
  });
});

describe('sizeSell', () => {
  const sale = (sold: bigint, held: bigint, price_ = 500_000n) =>
    groupFacts({
      side: 'SELL',
      sizeMicros: shares(sold),
      notionalMicros: usd((sold * price_) / ONE),
      priceMicros: price(price_),
      leaderHeldMicros: shares(held),
    });
  const { sizing } = CONFIG;

  test('sells the same part of ours as he sells of his', () => {
    expect(sell(sale(25_000_000n, 100_000_000n), sizing, shares(40_000_000n))).toEqual(
      sized(5_000_000n, 10_000_000n),
    );
  });
  test('is neither raised to the minimum nor cut to the maximum', () => {
    expect(sell(sale(1_000_000n, 100_000_000n), sizing, shares(40_000_000n))).toEqual(
      sized(200_000n, 400_000n),
    );
    expect(sell(sale(10n ** 9n, 10n ** 9n), sizing, shares(10n ** 10n))).toEqual(
      sized(5_000_000_000n, 10n ** 10n),
    );
  });
  test.each([
    [100_000_000n, 100_000_000n],
    [150_000_000n, 100_000_000n],
    [1n, 0n],
  ])('who sells %s of %s that we know of is out, and so are we', (sold, held) => {
    expect(sell(sale(sold, held), sizing, shares(40_000_000n))).toMatchObject({
      target: { sizeMicros: 40_000_000n },
    });
  });
  test('sells at a price of nothing, too', () => {
    expect(sell(sale(5n, 5n, 0n), sizing, shares(7n))).toEqual(sized(0n, 7n));
  });
  test('nothing held, or nothing left after rounding, is a skip', () => {
    expect(sell(sale(5n, 10n), sizing, shares(0n))).toEqual(refused('NOT_ENOUGH_POSITION_TO_SELL'));
    expect(sell(sale(1n, 10n), sizing, shares(9n))).toEqual(refused('NOT_ENOUGH_POSITION_TO_SELL'));
  });

  describe('at the buys’ rate', () => {
    const rate = withSizing({ sellMode: 'rate' }).sizing;
    test('has the buys’ minimum and maximum', () => {
      expect(sell(sale(2_000_000_000n, 0n), rate, shares(10n ** 10n))).toEqual(
        sized(10_000_000n, 20_000_000n),
      );
      expect(sell(sale(2_000_000n, 0n), rate, shares(10n ** 10n))).toEqual(sized(5_000_000n, 10_000_000n));
      expect(sell(sale(10n ** 12n, 0n), rate, shares(10n ** 10n))).toEqual(sized(250_000_000n, 500_000_000n));
    });
    test('is cut to what we hold after raising, even under the minimum', () => {
      expect(sell(sale(2_000_000n, 0n), rate, shares(4_000_000n))).toEqual(sized(2_000_000n, 4_000_000n));
    });
    test('a leader’s price of nothing gives no number of shares', () => {
      expect(sell(sale(5n, 5n, 0n), rate, shares(7n))).toEqual(refused('LEADER_TRADE_BELOW_MIN_NOTIONAL'));
    });
  });

  test('never sells more than we hold, in either mode', () => {
    const amount = fc.bigInt(1n, 10n ** 12n);
    fc.assert(
      fc.property(
        amount,
        amount,
        amount,
        fc.bigInt(0n, ONE),
        fc.constantFrom('rate' as const, 'proportional' as const),
        (sold, held, ours, at, sellMode) => {
          const answer = sell(sale(sold, held, at), withSizing({ sellMode }).sizing, shares(ours));
          if (answer.kind === 'refused') return;
          expect(answer.target.sizeMicros > 0n && answer.target.sizeMicros <= ours).toBe(true);
          if (sellMode === 'proportional' && sold < held)
            expect(answer.target.sizeMicros * held <= ours * sold).toBe(true);
        },
      ),
    );
  });
});

describe('size', () => {
  test('collects the leader’s minimum and our own refusal', () => {
    const config = withSizing({ minLeaderTradeNotionalMicros: usd(1_000_000_001n) });
    expect(size(someInputs(), config.sizing)).toEqual(refused('LEADER_TRADE_BELOW_MIN_NOTIONAL'));
    expect(size(someInputs({ account: null }), config.sizing)).toEqual(
      refused('LEADER_TRADE_BELOW_MIN_NOTIONAL', 'MISSING_EQUITY'),
    );
  });
  test('a code that both give appears once', () => {
    const sizing = withSizing({
      minLeaderTradeNotionalMicros: usd(100n),
      minTradeNotionalMicros: usd(0n),
    }).sizing;
    const group = groupFacts({ notionalMicros: usd(99n) });
    expect(size(someInputs({ group }), sizing)).toEqual(refused('LEADER_TRADE_BELOW_MIN_NOTIONAL'));
  });
  test('takes our own open sales from what is left to sell', () => {
    const position = { sharesMicros: shares(40_000_000n), reservedMicros: shares(30_000_000n) };
    expect(size(someSale({ position }), CONFIG.sizing)).toMatchObject({
      target: { sizeMicros: 10_000_000n },
    });
    const sold = { sharesMicros: shares(40_000_000n), reservedMicros: shares(50_000_000n) };
    expect(size(someSale({ position: sold }), CONFIG.sizing)).toEqual(refused('NOT_ENOUGH_POSITION_TO_SELL'));
  });
  test('a sale needs no equity, but an account', () => {
    const { account } = someInputs();
    if (account === null) throw new Error('the builder gives an account');
    expect(size(someSale({ account: { ...account, unpricedPositions: 1 } }), CONFIG.sizing).kind).toBe(
      'sized',
    );
    expect(size(someSale({ account: null }), CONFIG.sizing)).toEqual(refused('MISSING_EQUITY'));
  });
});

test('equity is cash and worth, and unknown with an unpriced position', () => {
  const { account: usual } = someInputs();
  if (usual === null) throw new Error('the builder gives an account');
  const account = { ...usual, cashMicros: usd(5n), reservedCashMicros: usd(3n), worthMicros: usd(7n) };
  expect(equityOf({ ...account, unpricedPositions: 0 })).toBe(12n);
  expect(equityOf({ ...account, unpricedPositions: 1 })).toBeNull();
  expect(equityOf(null)).toBeNull();
});
