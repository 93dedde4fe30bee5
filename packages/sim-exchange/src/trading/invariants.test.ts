import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ALICE, anOrder, BOB, keyOf, openDesk, type TestDesk } from '../../test/trading.ts';
import { bestAskOf, bestBidOf, mirrorView } from '../venue/book.ts';
import { hashFrom, walletFrom } from '../venue/market.ts';
import { MAX_ALLOWANCE } from './contracts.ts';
import { remainingMicros } from './orders.ts';
import type { KeptOrder } from './types.ts';

const ONE = 1_000_000n;
const CENT = 10_000n;
const CAROL = walletFrom('trading', 'carol');
const WALLETS = [ALICE, BOB, CAROL];

type Step = (desk: TestDesk) => Promise<void> | void;

const index = fc.constantFrom(0 as const, 1 as const);
const placing = fc
  .record({
    maker: fc.constantFrom(...WALLETS),
    token: index,
    side: fc.constantFrom('BUY' as const, 'SELL' as const),
    at: fc.integer({ min: 40, max: 60 }),
    shares: fc.integer({ min: 400, max: 30_000 }).map((n) => n / 100),
    orderType: fc.constantFrom('GTC' as const, 'GTC' as const, 'FAK' as const, 'FOK' as const),
    cents: fc.boolean(),
  })
  .map(
    ({ token, cents, ...wish }): Step =>
      ({ trading, market }) => {
        const order = anOrder({ ...wish, tokenId: market.tokenIds[token] });
        // A market buy names whole cents and as many shares as they buy.
        const whole = (order.makerMicros / CENT) * CENT;
        const bought = ((whole * 100n) / BigInt(wish.at) / 100n) * 100n;
        const isMarketBuy = wish.side === 'BUY' && wish.orderType !== 'GTC' && cents;
        trading.place(isMarketBuy ? { ...order, makerMicros: whole, takerMicros: bought } : order);
      },
  );
const canceling = fc.record({ maker: fc.constantFrom(...WALLETS), nth: fc.nat(5) }).map(
  ({ maker, nth }): Step =>
    ({ trading }) => {
      const order = trading.openOrders(keyOf(maker))[nth];
      if (order) trading.cancel(order.owner, [order.id]);
    },
);
const level = fc.tuple(fc.integer({ min: 0, max: 6 }), fc.bigInt(1n, 300_000_000n));
const moving = fc
  .record({
    token: index,
    mid: fc.integer({ min: 42, max: 58 }),
    bids: fc.array(level),
    asks: fc.array(level),
  })
  .map(
    ({ token, mid, bids, asks }): Step =>
      ({ venue, market, clock }) => {
        const at = (offset: number): bigint => BigInt(mid + offset) * CENT;
        venue.replaceBook(
          market.tokenIds[token],
          {
            bids: new Map(bids.map(([n, size]) => [at(-1 - n), size])),
            asks: new Map(asks.map(([n, size]) => [at(n), size])),
          },
          clock.now().getTime(),
        );
      },
  );
const strangers = fc
  .record({
    token: index,
    side: fc.constantFrom('BUY' as const, 'SELL' as const),
    at: fc.integer({ min: 40, max: 60 }),
    size: fc.integer({ min: 1, max: 500 }),
    nth: fc.nat(),
  })
  .map(
    ({ token, side, at, size, nth }): Step =>
      ({ venue, market, clock }) =>
        void venue.trade({
          wallet: walletFrom('leader'),
          tokenId: market.tokenIds[token],
          conditionId: market.conditionId,
          side,
          price: `0.${at}`,
          size: String(size),
          transactionHash: hashFrom('leader', String(nth)),
          atMs: clock.now().getTime(),
        }),
  );
const waiting = fc.integer({ min: 1, max: 5_000 }).map(
  (ms): Step =>
    ({ clock }) =>
      clock.advance(ms),
);
const switching = fc
  .record({
    settlement: fc.constantFrom(
      'normal' as const,
      'retrying' as const,
      'failed' as const,
      'reverted' as const,
    ),
    splitBuckets: fc.integer({ min: 1, max: 3 }),
    oneTradePerOrder: fc.boolean(),
    marketBuysIn: fc.constantFrom('dollars' as const, 'shares' as const),
    staleBalances: fc.boolean(),
    secondsDelay: fc.constantFrom({}, {}, { '*': 2 }),
  })
  .map(
    (changes): Step =>
      ({ switches }) =>
        void Object.assign(switches, changes),
  );
const resolving = fc.constantFrom([1n, 0n], [0n, 1n], [1n, 1n]).map(
  ([yes = 0n, no = 0n]): Step =>
    ({ venue, market, clock }) =>
      void venue.resolve(market.conditionId, [yes, no], yes + no, clock.now().getTime()),
);
const steps = fc.array(
  fc.oneof(
    { weight: 10, arbitrary: placing },
    { weight: 3, arbitrary: canceling },
    { weight: 3, arbitrary: moving },
    { weight: 3, arbitrary: waiting },
    { weight: 2, arbitrary: strangers },
    { weight: 2, arbitrary: switching },
  ),
  { minLength: 5, maxLength: 40 },
);

async function afterEachOf(all: readonly Step[], check: (desk: TestDesk) => void): Promise<void> {
  const desk = openDesk();
  desk.trading.fund(CAROL, { cashMicros: 50n * ONE });
  desk.trading.approve(CAROL, { spender: 'all', collateralMicros: MAX_ALLOWANCE, tokens: true });
  for (const step of all) {
    await step(desk);
    check(desk);
  }
}

const sequence = (check: (desk: TestDesk) => void) =>
  fc.asyncProperty(fc.tuple(steps, fc.option(resolving, { nil: null }), steps), ([before, end, after]) =>
    afterEachOf(end === null ? before : [...before, end, ...after], check),
  );

/** Shares and dollars of an order in all its trades, on whichever side it stood. */
function fillsOf({ trading }: TestDesk, order: KeptOrder) {
  const fills = trading
    .trades()
    .flatMap((trade) => [
      ...(trade.takerOrderId === order.id ? [{ size: trade.sizeMicros, dollars: trade.notionalMicros }] : []),
      ...trade.makers
        .filter((part) => part.orderId === order.id)
        .map((part) => ({ size: part.sizeMicros, dollars: (part.sizeMicros * part.priceMicros) / ONE })),
    ]);
  return {
    size: fills.reduce((sum, fill) => sum + fill.size, 0n),
    dollars: fills.reduce((sum, fill) => sum + fill.dollars, 0n),
  };
}

describe('whatever happens', () => {
  test('all money is somewhere', () =>
    fc.assert(
      sequence(({ trading }) => {
        const { fundedMicros, cashMicros, feesMicros, outsideMicros } = trading.totals();
        expect(cashMicros + feesMicros + outsideMicros).toBe(fundedMicros);
      }),
    ));

  test('nobody has less than nothing, or promises more than he has', () =>
    fc.assert(
      sequence(({ trading }) => {
        for (const account of trading.accounts()) {
          expect(account.cashMicros >= account.heldCashMicros + account.reservedCashMicros).toBe(true);
          for (const [token, bound] of [...account.heldTokens, ...account.reservedTokens])
            expect((account.tokens.get(token) ?? 0n) >= bound).toBe(true);
          for (const [token, held] of account.heldTokens)
            expect(
              (account.tokens.get(token) ?? 0n) >= held + (account.reservedTokens.get(token) ?? 0n),
            ).toBe(true);
        }
      }),
    ));

  test('an order is filled by its trades, once each, never over its size and never over its limit', () =>
    fc.assert(
      sequence((desk) => {
        const { trading } = desk;
        const ids = trading.trades().map((trade) => trade.id);
        expect(new Set(ids).size).toBe(ids.length);
        for (const order of trading.orders()) {
          expect(new Set(order.tradeIds).size).toBe(order.tradeIds.length);
          const { size, dollars } = fillsOf(desk, order);
          expect(order.matchedMicros).toBe(size);
          const [given, got] = order.side === 'BUY' ? [dollars, size] : [size, dollars];
          expect(given <= order.makerMicros).toBe(true);
          expect(got * order.makerMicros >= given * order.takerMicros).toBe(true);
          if (order.orderType === 'FOK') expect(order.status).not.toBe('CANCELED');
          if (order.side === 'SELL' || order.orderType === 'GTC')
            expect(remainingMicros(order) >= 0n).toBe(true);
        }
      }),
    ));

  test('the two tokens’ books mirror each other, show every resting order, and cross only one’s own', () =>
    fc.assert(
      sequence(({ trading, venue, market }) => {
        const [yes, no] = market.tokenIds;
        const book = venue.book(yes);
        const anonymous = venue.anonymousView(yes);
        if (!book || !anonymous) return;
        expect(mirrorView(book.view)).toEqual(venue.book(no)?.view);
        const live = trading.orders().filter((order) => order.status === 'LIVE');
        const offered = [...book.view.bids.values(), ...book.view.asks.values()];
        const nameless = [...anonymous.bids.values(), ...anonymous.asks.values()];
        const total = (sizes: readonly bigint[]): bigint => sizes.reduce((a, b) => a + b, 0n);
        expect(total(offered)).toBe(total(nameless) + total(live.map(remainingMicros)));
        const [bid, ask] = [bestBidOf(book.view), bestAskOf(book.view)];
        const [bidder, asker] = [bestBidOf(anonymous), bestAskOf(anonymous)];
        if (asker !== null && bid !== null) expect(bid < asker).toBe(true);
        if (bidder !== null && ask !== null) expect(bidder < ask).toBe(true);
      }),
    ));
});
