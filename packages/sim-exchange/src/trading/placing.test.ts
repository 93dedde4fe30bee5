import { describe, expect, test } from 'vitest';
import { ANNA, viewOf } from '../../test/sim.ts';
import { ALICE, anOrder, BOB, keyOf, openDesk } from '../../test/trading.ts';
import { hashFrom, walletFrom } from '../venue/market.ts';
import { NEG_RISK_ADAPTER, NEG_RISK_EXCHANGE_V2 } from './contracts.ts';
import type { Placement } from './types.ts';

const ONE = 1_000_000n;
const CENT = 10_000n;

const told = (placement: Placement) =>
  placement.kind === 'refused'
    ? [placement.status, placement.error]
    : [placement.status, placement.makingMicros, placement.takingMicros];

describe('an order', () => {
  test('rests where nothing meets it, in both tokens of the public book', () => {
    const { trading, venue, market } = openDesk();
    const [yes, no] = market.tokenIds;
    const order = anOrder({ tokenId: yes, at: 46, shares: 10 });
    expect(told(trading.place(order))).toEqual(['live', null, null]);
    expect(venue.book(yes)?.view.bids.get(46n * CENT)).toBe(10n * ONE);
    expect(venue.book(no)?.view.asks.get(54n * CENT)).toBe(10n * ONE);
    expect(trading.account(ALICE).reservedCashMicros).toBe(4_600_000n);
    expect(trading.cancel(keyOf(ALICE), [order.id])).toEqual({ canceled: [order.id], notCanceled: {} });
    expect(venue.book(yes)?.view.bids.has(46n * CENT)).toBe(false);
    expect(trading.account(ALICE).reservedCashMicros).toBe(0n);
  });

  test('that meets the book takes it at its prices, best first, and rests with what is left', () => {
    const { trading, venue, market } = openDesk();
    const [yes] = market.tokenIds;
    const order = anOrder({ tokenId: yes, at: 47, shares: 150 });
    expect(told(trading.place(order))).toEqual(['matched', 47n * ONE, 100n * ONE]);
    expect(trading.orderOf(order.id)).toMatchObject({ status: 'LIVE', matchedMicros: 100n * ONE });
    expect(venue.book(yes)?.view.asks.has(47n * CENT)).toBe(false);
    expect(venue.book(yes)?.view.bids.get(47n * CENT)).toBe(50n * ONE);
  });

  test('outlives a new recording of the book, and is met when that comes over it', () => {
    const { trading, venue, market, clock } = openDesk();
    const [yes] = market.tokenIds;
    const order = anOrder({ tokenId: yes, at: 46, shares: 10 });
    trading.place(order);
    venue.replaceBook(yes, viewOf({ 45: 30, 46: 5 }, { 48: 30 }), clock.now().getTime());
    expect(venue.book(yes)?.view.bids.get(46n * CENT)).toBe(15n * ONE);
    venue.changeLevels(yes, [{ side: 'SELL', priceMicros: 44n * CENT, sizeMicros: 4n * ONE }], 1);
    expect(trading.orderOf(order.id)).toMatchObject({ status: 'LIVE', matchedMicros: 4n * ONE });
    const [trade] = trading.tradesOf(keyOf(ALICE));
    expect(trade).toMatchObject({ side: 'SELL', priceMicros: 46n * CENT, sizeMicros: 4n * ONE });
    expect(trade?.makers).toMatchObject([{ orderId: order.id, maker: ALICE, sizeMicros: 4n * ONE }]);
    expect(venue.book(yes)?.view.asks.has(44n * CENT)).toBe(false);
  });

  test.each([
    ['through', '0.45', 10n, 10n],
    ['at', '0.46', 4n, 4n],
    ['short of', '0.47', 10n, 0n],
  ])('gets its part where the feeds tell of a trade %s its price', (_, price, size, filled) => {
    const { trading, venue, market } = openDesk();
    const [yes] = market.tokenIds;
    const order = anOrder({ tokenId: yes, at: 46, shares: 10 });
    trading.place(order);
    const transactionHash = hashFrom('leader');
    const row = { wallet: ANNA, tokenId: yes, conditionId: market.conditionId, side: 'SELL' as const };
    venue.trade({ ...row, price, size: String(size), transactionHash, atMs: 1 });
    expect(trading.orderOf(order.id)?.matchedMicros).toBe(filled * ONE);
    const rows = venue.log.of(ALICE).map((own) => [own.transactionHash, own.size, own.price, own.isTaker]);
    expect(rows).toEqual(filled === 0n ? [] : [[transactionHash, String(filled), '0.46', false]]);
    expect(trading.trades().map((trade) => trade.maker)).toEqual(filled === 0n ? [] : [ANNA]);
    expect(venue.log.of(ANNA)).toHaveLength(1);
  });

  test('is told of in one message with everything that it did to the book', () => {
    const { trading, venue, market } = openDesk();
    const [yes] = market.tokenIds;
    const books: unknown[] = [];
    venue.on('book', ({ changes }) => books.push(changes));
    trading.place(anOrder({ tokenId: yes, at: 47, shares: 150 }));
    expect(books).toEqual([
      [
        { side: 'SELL', priceMicros: 47n * CENT, sizeMicros: 0n },
        { side: 'BUY', priceMicros: 47n * CENT, sizeMicros: 50n * ONE },
      ],
    ]);
  });

  test.each([
    ['complementary', 0, 'SELL' as const, 46],
    ['by minting', 1, 'BUY' as const, 54],
  ])('meets another user’s %s', async (_, token, side, at) => {
    const { trading, market, clock } = openDesk();
    const resting = anOrder({ tokenId: market.tokenIds[0], at: 46, shares: 10 });
    trading.place(resting);
    const tokenId = market.tokenIds[token as 0 | 1];
    const taking = anOrder({ maker: BOB, tokenId, side, at, shares: 10 });
    expect(trading.place(taking)).toMatchObject({ kind: 'accepted', status: 'matched' });
    expect(trading.orderOf(resting.id)?.status).toBe('MATCHED');
    await clock.advance(4_000);
    expect(trading.account(ALICE).tokens.get(market.tokenIds[0])).toBe(510n * ONE);
    expect(trading.account(ALICE).cashMicros).toBe(995_400_000n);
    const own = trading.account(BOB);
    expect(own.tokens.get(tokenId)).toBe(side === 'SELL' ? 490n * ONE : 510n * ONE);
    const fee = trading.totals().feesMicros;
    expect(own.cashMicros).toBe(1_000n * ONE + (side === 'SELL' ? 4_600_000n : -5_400_000n) - fee);
  });

  test('meets another user’s by merging', async () => {
    const { trading, market, clock } = openDesk();
    const [yes, no] = market.tokenIds;
    trading.place(anOrder({ tokenId: yes, side: 'SELL', at: 46, shares: 10, postOnly: true }));
    expect(
      told(trading.place(anOrder({ maker: BOB, tokenId: no, side: 'SELL', at: 54, shares: 10 }))),
    ).toEqual(['matched', 10n * ONE, 5_400_000n]);
    await clock.advance(4_000);
    expect(trading.account(ALICE).cashMicros).toBe(1_004_600_000n);
    const { outsideMicros } = trading.totals();
    expect(outsideMicros).toBe(-10n * ONE);
  });

  test('never meets one of the same wallet', () => {
    const { trading, market } = openDesk({ empty: true });
    const [yes] = market.tokenIds;
    trading.place(anOrder({ tokenId: yes, at: 46, shares: 10 }));
    const own = trading.place(anOrder({ tokenId: yes, side: 'SELL', at: 46, shares: 10, orderType: 'FAK' }));
    expect(own).toMatchObject({ status: 400 });
  });
});

describe('market orders', () => {
  test('spend dollars, so that a better price buys more; or shares, by switch', () => {
    for (const [marketBuysIn, matchedMicros] of [
      ['dollars', 20n * ONE],
      ['shares', 18_800_000n],
    ] as const) {
      const { trading, market } = openDesk({ switches: { marketBuysIn } });
      const order = anOrder({ tokenId: market.tokenIds[0], at: 50, shares: 18.8, orderType: 'FOK' });
      expect(trading.place(order)).toMatchObject({ status: 'matched' });
      expect(trading.orderOf(order.id)?.matchedMicros).toBe(matchedMicros);
    }
  });

  test('FAK takes what is there and kills the rest, FOK takes all or nothing', () => {
    const { trading, market } = openDesk();
    const [yes] = market.tokenIds;
    const fok = anOrder({ tokenId: yes, at: 48, shares: 400, orderType: 'FOK' });
    expect(told(trading.place(fok))).toEqual([
      400,
      "order couldn't be fully filled. FOK orders are fully filled or killed.",
    ]);
    const fak = anOrder({ tokenId: yes, at: 48, shares: 400, orderType: 'FAK' });
    expect(told(trading.place(fak))).toEqual(['matched', 143n * ONE, 300n * ONE]);
    expect(trading.orderOf(fak.id)).toMatchObject({ status: 'CANCELED', matchedMicros: 300n * ONE });
    expect(told(trading.place(anOrder({ tokenId: yes, at: 48, shares: 4, orderType: 'FAK' })))).toEqual([
      400,
      'no orders found to match with FAK order. FAK orders are partially filled or killed if no match is found.',
    ]);
    expect(trading.openOrders(keyOf(ALICE))).toEqual([]);
  });
});

describe('refused is', () => {
  const desk = openDesk({ market: { negRisk: true } });
  const { trading, market, switches } = desk;
  const [yes] = market.tokenIds;

  test('a known id', () => {
    const order = anOrder({ tokenId: yes, at: 40, shares: 5 });
    trading.place(order);
    expect(told(trading.place(order))).toEqual([400, `order ${order.id} is invalid. Duplicated.`]);
  });

  test('a post-only order that crosses, and a marketable buy of less than a dollar', () => {
    const crossing = anOrder({ tokenId: yes, at: 47, shares: 10, postOnly: true });
    expect(told(trading.place(crossing))).toEqual([400, 'invalid post-only order: order crosses book']);
    const small = anOrder({ tokenId: yes, at: 50, shares: 1.9, orderType: 'FAK' });
    expect(told(trading.place({ ...small, makerMicros: 950_000n }))).toEqual([
      400,
      'invalid amount for a marketable BUY order ($0.95), min size: $1',
    ]);
  });

  test('more than the balance, less what open orders bind', () => {
    const first = trading.place(anOrder({ maker: BOB, tokenId: yes, at: 30, shares: 3_000 }));
    expect(first.kind).toBe('accepted');
    expect(told(trading.place(anOrder({ maker: BOB, tokenId: yes, at: 30, shares: 400 })))).toEqual([
      400,
      'not enough balance / allowance: the balance is not enough -> balance: 1000000000, sum of active orders: 900000000, sum of matched orders: 0, order amount: 120000000',
    ]);
    const sale = anOrder({ maker: BOB, tokenId: yes, side: 'SELL', at: 60, shares: 600 });
    expect(told(trading.place(sale))).toEqual([
      400,
      'not enough balance / allowance: the balance is not enough -> balance: 500000000, order amount: 600000000',
    ]);
  });

  test('what a contract may not move, the old adapter of neg-risk markets among them', () => {
    const buy = () => trading.place(anOrder({ tokenId: yes, at: 50, shares: 10 }));
    switches.adapterNotApproved = true;
    expect(told(buy())).toEqual([
      400,
      `not enough balance / allowance: the allowance is not enough -> spender: ${NEG_RISK_ADAPTER}, allowance: 0, sum of matched orders: 0, order amount (inc. fees): 5125000`,
    ]);
    switches.adapterNotApproved = false;
    trading.approve(ALICE, { spender: NEG_RISK_EXCHANGE_V2, collateralMicros: 7n, tokens: null });
    expect(told(buy())[1]).toContain(`spender: ${NEG_RISK_EXCHANGE_V2}, allowance: 7,`);
  });

  test('anything while the exchange, or the wallet, may not trade', () => {
    const buy = () => told(trading.place(anOrder({ maker: BOB, tokenId: yes, at: 30, shares: 10 })));
    switches.closedOnly = [BOB];
    expect(buy()).toEqual([400, `'${BOB}' address in closed only mode`]);
    switches.banned = [BOB];
    expect(buy()).toEqual([400, `'${BOB}' address banned`]);
    switches.postOnlyMode = true;
    expect(buy()).toEqual([503, 'post-only mode: only post-only orders and cancels are allowed']);
    switches.cancelOnly = true;
    expect(buy()[0]).toBe(503);
    switches.tradingDisabled = true;
    expect(buy()[1]).toContain('disabled');
  });

  test('whoever is named by key, by signer or by wallet', () => {
    const other = openDesk();
    const [token] = other.market.tokenIds;
    const key = walletFrom('key');
    const buy = { ...anOrder({ maker: BOB, tokenId: token, at: 30, shares: 10 }), keyAddress: key };
    const answer = (switches: object, order = buy) => {
      Object.assign(other.switches, { closedOnly: [], banned: [], depositWalletOnly: [] }, switches);
      return other.trading.standingOf(order);
    };
    expect(answer({})).toBeNull();
    for (const address of [key, BOB]) {
      expect(answer({ banned: [address] })).toMatchObject({ error: `'${address}' address banned` });
      expect(answer({ closedOnly: [address] })).toMatchObject({ isOfRequest: true, status: 400 });
      expect(answer({ closedOnly: [address] }, { ...buy, side: 'SELL' })).toBeNull();
    }
  });

  test('a signed order that should come from a deposit wallet', () => {
    const other = openDesk({ switches: { depositWalletOnly: [BOB] } });
    const [token] = other.market.tokenIds;
    const order = anOrder({ maker: BOB, tokenId: token, at: 30, shares: 10 });
    const refused = { error: 'maker address not allowed, please use the deposit wallet flow', status: 400 };
    expect(other.trading.place({ ...order, signatureType: 0 })).toMatchObject(refused);
    const mine = anOrder({ tokenId: token, at: 30, shares: 10 });
    expect(other.trading.place({ ...mine, signatureType: 2 }).kind).toBe('accepted');
    other.switches.depositWalletOnly = ['*'];
    expect(other.trading.place({ ...mine, id: '0x2', signatureType: 2 })).toMatchObject(refused);
    expect(other.trading.place({ ...order, signatureType: 3 }).kind).toBe('accepted');
  });

  test('an order for a market without a book', () => {
    const other = openDesk();
    const [token] = other.market.tokenIds;
    expect(told(other.trading.place(anOrder({ tokenId: '7', at: 40, shares: 5 })))).toEqual([
      404,
      'No orderbook exists for the requested token id',
    ]);
    other.venue.propose(other.market.conditionId);
    expect(told(other.trading.place(anOrder({ tokenId: token, at: 40, shares: 5 })))).toEqual([
      404,
      'market not found',
    ]);
  });
});
