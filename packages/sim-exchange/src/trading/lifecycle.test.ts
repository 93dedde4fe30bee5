import { describe, expect, test } from 'vitest';
import { BEGIN } from '../../test/sim.ts';
import { ALICE, anOrder, BOB, keyOf, openDesk, type TestDesk } from '../../test/trading.ts';
import { logsOfMatch } from '../chain/fill-logs.ts';
import { matchesOf } from '../chain/matches.ts';
import { NOT_CANCELED } from './refusals.ts';

const ONE = 1_000_000n;
const NOW_S = BEGIN.getTime() / 1000;

const heard = ({ trading }: TestDesk) => {
  const words: string[] = [];
  trading.on('order', ({ order, kind }) => words.push(`${kind} ${order.status}`));
  trading.on('trade', ({ trade }) =>
    words.push(`${trade.status} ${trade.transactionHash === '' ? '' : '#'}`.trim()),
  );
  return words;
};
const buy = (desk: TestDesk, more: object = {}) =>
  anOrder({ tokenId: desk.market.tokenIds[0], at: 47, shares: 10, ...more });

describe('a trade', () => {
  test('is matched, mined and confirmed; what it gives is bound at once and moves when it is mined', async () => {
    const desk = openDesk();
    const { trading, clock, market } = desk;
    const words = heard(desk);
    trading.place(buy(desk));
    const fee = 124_550n;
    expect(trading.account(ALICE)).toMatchObject({
      cashMicros: 1_000n * ONE,
      heldCashMicros: 4_700_000n + fee,
    });
    await clock.advance(2_000);
    expect(trading.account(ALICE)).toMatchObject({ cashMicros: 995_300_000n - fee, heldCashMicros: 0n });
    expect(trading.account(ALICE).tokens.get(market.tokenIds[0])).toBe(510n * ONE);
    await clock.advance(2_000);
    expect(words).toEqual(['PLACEMENT MATCHED', 'MATCHED', 'MINED #', 'CONFIRMED #']);
    expect(trading.totals().feesMicros).toBe(fee);
  });

  test('may be sent again, and may show its hash late', async () => {
    const desk = openDesk({ switches: { settlement: 'retrying', slowHash: true } });
    const words = heard(desk);
    desk.trading.place(buy(desk));
    await desk.clock.advance(10_000);
    expect(words.slice(1)).toEqual(['MATCHED', 'RETRYING', 'MINED', 'CONFIRMED #']);
  });

  test('may wait to be sent to the chain', async () => {
    const desk = openDesk({ switches: { settlement: 'unbroadcast' } });
    const words = heard(desk);
    desk.trading.place(buy(desk));
    await desk.clock.advance(10_000);
    expect(words.slice(1)).toEqual(['MATCHED_NOT_BROADCASTED', 'MATCHED', 'MINED #', 'CONFIRMED #']);
  });

  test('may fail: nothing moved, nothing is bound, and nobody but its market’s tape has heard of it', async () => {
    const desk = openDesk({ switches: { settlement: 'failed' } });
    const words = heard(desk);
    const { trading, clock, venue, market } = desk;
    const prints: unknown[] = [];
    venue.on('print', ({ trade, side }) => prints.push([trade.tokenId, trade.price, trade.size, side]));
    trading.place(buy(desk));
    expect(prints).toEqual([[market.tokenIds[0], '0.47', '10', 'BUY']]);
    expect(market.lastTrade).toMatchObject({ priceMicros: 470_000n, side: 'BUY' });
    await clock.advance(10_000);
    expect(words.slice(1)).toEqual(['MATCHED', 'FAILED']);
    expect(trading.account(ALICE)).toMatchObject({ cashMicros: 1_000n * ONE, heldCashMicros: 0n });
    expect(venue.log.trades).toBe(0);
  });

  test('may fail after it was mined: everything moves back, and nothing of it could be spent', async () => {
    const desk = openDesk({ switches: { settlement: 'reverted' } });
    const words = heard(desk);
    const { trading, clock, market } = desk;
    const [yes] = market.tokenIds;
    trading.place(buy(desk));
    await clock.advance(2_000);
    const all = anOrder({ tokenId: yes, side: 'SELL', at: 45, shares: 510, orderType: 'FAK' });
    expect(trading.account(ALICE).tokens.get(yes)).toBe(510n * ONE);
    expect(trading.place(all)).toMatchObject({ status: 400 });
    await clock.advance(2_000);
    expect(words.slice(1)).toEqual(['MATCHED', 'MINED #', 'FAILED #']);
    expect(trading.account(ALICE)).toMatchObject({ cashMicros: 1_000n * ONE, heldCashMicros: 0n });
    expect(trading.account(ALICE).tokens.get(yes)).toBe(500n * ONE);
    expect(trading.totals()).toMatchObject({ feesMicros: 0n, outsideMicros: 0n });
  });

  test('has one price each, or all of them at their average; and may be split over transactions', () => {
    const wish = { at: 48, shares: 150, orderType: 'GTC' };
    const of = (switches: object) => {
      const desk = openDesk({ switches });
      desk.trading.place(buy(desk, wish));
      return desk.trading
        .trades()
        .map(({ priceMicros, sizeMicros, bucketIndex }) => [priceMicros, sizeMicros, bucketIndex]);
    };
    expect(of({})).toEqual([
      [470_000n, 100n * ONE, 0],
      [480_000n, 50n * ONE, 0],
    ]);
    expect(of({ oneTradePerOrder: true })).toEqual([[473_333n, 150n * ONE, 0]]);
    expect(of({ oneTradePerOrder: true, splitBuckets: 2 })).toEqual([
      [473_333n, 75n * ONE, 0],
      [473_333n, 75n * ONE, 1],
    ]);
  });

  test('is the same for the public feeds: hash, token and sums', async () => {
    const desk = openDesk({ empty: true });
    const { trading, venue, clock, market } = desk;
    const [resting, taking] = [
      buy(desk),
      anOrder({ maker: BOB, tokenId: market.tokenIds[1], at: 53, shares: 10 }),
    ];
    trading.place(resting);
    trading.place(taking);
    await clock.advance(4_000);
    const [trade] = trading.trades();
    expect(trade?.status).toBe('CONFIRMED');
    const hash = trade?.transactionHash;
    expect(venue.log.of(ALICE)).toMatchObject([
      { transactionHash: hash, tokenId: market.tokenIds[0], side: 'BUY', usdcSize: '4.7', isTaker: false },
    ]);
    expect(venue.log.of(BOB)).toMatchObject([
      { transactionHash: hash, tokenId: market.tokenIds[1], side: 'BUY', usdcSize: '5.3', isTaker: true },
    ]);
    const [match, ...others] = matchesOf(venue.log.all(), (tokenId) => venue.marketOf(tokenId));
    expect(others).toEqual([]);
    if (match === undefined) throw new Error('no match');
    const [own, , his, both] = logsOfMatch(match, hash ?? '');
    expect([own, his, both].map((log) => log?.topics[1])).toEqual([resting.id, taking.id, taking.id]);
    expect(own?.topics[3]).toBe(his?.topics[2]);
    const feeWord = his?.data.slice(2).match(/.{64}/g)?.[4];
    expect(BigInt(`0x${feeWord}`)).toBe(trade?.feeMicros);
  });
});

test('a match is printed once, with the taker’s side, whoever met him', () => {
  const desk = openDesk({ empty: true });
  const { trading, venue, market } = desk;
  const prints: unknown[] = [];
  venue.on('print', ({ trade, side }) => prints.push([trade.tokenId, trade.price, trade.size, side]));
  const [yes, no] = market.tokenIds;
  trading.place(buy(desk));
  trading.place(anOrder({ maker: BOB, tokenId: no, at: 53, shares: 10 }));
  trading.place(anOrder({ tokenId: yes, at: 47, shares: 10 }));
  trading.place(anOrder({ maker: BOB, tokenId: yes, side: 'SELL', at: 47, shares: 10 }));
  expect(prints).toEqual([
    [no, '0.53', '10', 'BUY'],
    [yes, '0.47', '10', 'SELL'],
  ]);
});

describe('an order that waits', () => {
  test('on a delayed market is not cancelable, and meets the book of later', async () => {
    const desk = openDesk({ switches: { secondsDelay: { '*': 3 } } });
    const words = heard(desk);
    const { trading, clock } = desk;
    const order = buy(desk, { orderType: 'FAK' });
    expect(trading.place(order)).toMatchObject({ status: 'delayed', makingMicros: null });
    expect(trading.account(ALICE).reservedCashMicros).toBe(4_700_000n);
    expect(trading.cancel(order.owner, [order.id]).notCanceled).toEqual({ [order.id]: NOT_CANCELED.delayed });
    await clock.advance(3_000);
    expect(words).toEqual(['PLACEMENT DELAYED', 'UPDATE MATCHED', 'MATCHED']);
    expect(trading.account(ALICE).reservedCashMicros).toBe(0n);
  });

  test('ends unmatched where the book has gone meanwhile', async () => {
    const desk = openDesk({ switches: { secondsDelay: { '*': 3 } } });
    const { trading, clock, venue, market } = desk;
    const order = buy(desk, { orderType: 'FOK' });
    trading.place(order);
    venue.replaceBook(market.tokenIds[0], { bids: new Map(), asks: new Map() }, clock.now().getTime());
    await clock.advance(3_000);
    expect(trading.orderOf(order.id)?.status).toBe('UNMATCHED');
    expect(trading.account(ALICE)).toMatchObject({ reservedCashMicros: 0n, heldCashMicros: 0n });
  });

  test('for a date ends a minute before it', async () => {
    const desk = openDesk();
    const { trading, clock } = desk;
    const order = buy(desk, { at: 40, orderType: 'GTD', expirationS: NOW_S + 200 });
    trading.place(order);
    await clock.advance(139_999);
    expect(trading.orderOf(order.id)?.status).toBe('LIVE');
    await clock.advance(1);
    expect(trading.orderOf(order.id)?.status).toBe('CANCELED');
  });

  test('may be answered as unmatched at once, where the delay fails', async () => {
    const desk = openDesk({ switches: { secondsDelay: { '*': 3 }, delayFails: true } });
    const words = heard(desk);
    const { trading, clock } = desk;
    const order = buy(desk, { orderType: 'FAK' });
    expect(trading.place(order)).toMatchObject({ status: 'unmatched', makingMicros: null });
    await clock.advance(10_000);
    expect(words).toEqual(['PLACEMENT UNMATCHED']);
    expect(trading.orderOf(order.id)?.status).toBe('UNMATCHED');
    expect(trading.account(ALICE)).toMatchObject({ reservedCashMicros: 0n, heldCashMicros: 0n });
  });

  test('is held for some milliseconds where it would take, if that is switched on', () => {
    const desk = openDesk({ switches: { itodeHoldMs: 50 } });
    expect(desk.trading.holdMs(buy(desk))).toBe(50);
    expect(desk.trading.holdMs(buy(desk, { at: 40 }))).toBe(0);
  });
});

describe('cancels', () => {
  test('are of one’s own live orders, all of them, or those of a market or token', () => {
    const desk = openDesk();
    const { trading, market } = desk;
    const [mine, other] = [
      buy(desk, { at: 40 }),
      anOrder({ tokenId: market.tokenIds[1], at: 40, shares: 10 }),
    ];
    const his = buy(desk, { at: 40, maker: BOB });
    for (const order of [mine, other, his]) trading.place(order);
    const key = keyOf(ALICE);
    expect(trading.cancel(key, [his.id, '0x1'])).toEqual({
      canceled: [],
      notCanceled: { [his.id]: NOT_CANCELED.unknown, '0x1': NOT_CANCELED.unknown },
    });
    expect(trading.cancelMarket(key, { asset: market.tokenIds[1] }).canceled).toEqual([other.id]);
    expect(trading.cancelMarket(key, { market: '0xother' }).canceled).toEqual([]);
    expect(trading.cancelAll(key).canceled).toEqual([mine.id]);
    const filled = buy(desk);
    trading.place(filled);
    expect(trading.cancel(key, [filled.id]).notCanceled).toEqual({ [filled.id]: NOT_CANCELED.matched });
    expect(trading.openOrders(keyOf(BOB)).map(({ id }) => id)).toEqual([his.id]);
  });

  test('stay away as long as heartbeats of the simple kind come, which know no ids', async () => {
    const desk = openDesk();
    const { trading, clock } = desk;
    const key = keyOf(ALICE);
    const order = buy(desk, { at: 40 });
    trading.place(order);
    const { heartbeatId } = trading.heartbeat(key, '');
    for (let i = 0; i < 5; i++) {
      trading.keepAlive(key);
      await clock.advance(8_000);
    }
    expect(trading.orderOf(order.id)?.status).toBe('LIVE');
    // The chain of ids is where it was.
    expect(trading.heartbeat(key, heartbeatId).kind).toBe('ok');
    await clock.advance(15_000);
    expect(trading.orderOf(order.id)?.status).toBe('CANCELED');
  });

  test('come by themselves when heartbeats stop', async () => {
    const desk = openDesk();
    const { trading, clock } = desk;
    const key = keyOf(ALICE);
    const order = buy(desk, { at: 40 });
    trading.place(order);
    const first = trading.heartbeat(key, '');
    expect(trading.heartbeat(key, 'nonsense')).toEqual({ kind: 'wrong', heartbeatId: first.heartbeatId });
    await clock.advance(6_000);
    const second = trading.heartbeat(key, first.heartbeatId);
    expect(second.kind).toBe('ok');
    await clock.advance(10_000);
    expect(trading.orderOf(order.id)?.status).toBe('LIVE');
    await clock.advance(5_000);
    expect(trading.orderOf(order.id)?.status).toBe('CANCELED');
    expect(trading.heartbeat(key, second.heartbeatId).kind).toBe('wrong');
  });
});

describe('a resolution', () => {
  test('cancels what rests and pays what is held, what is on its way as soon as it has come', async () => {
    const desk = openDesk();
    const { trading, venue, clock, market } = desk;
    const resting = buy(desk, { at: 40 });
    trading.place(resting);
    trading.place(buy(desk));
    venue.resolve(market.conditionId, [1n, 0n], 1n, clock.now().getTime());
    expect(trading.orderOf(resting.id)?.status).toBe('CANCELED_MARKET_RESOLVED');
    expect(trading.account(ALICE).cashMicros).toBe(1_500n * ONE);
    await clock.advance(4_000);
    const account = trading.account(ALICE);
    expect(account.tokens.size).toBe(0);
    expect(account.cashMicros).toBe(1_505_300_000n - trading.totals().feesMicros);
    expect(
      venue.log
        .of(ALICE)
        .filter(({ type }) => type === 'REDEEM')
        .map(({ usdcSize }) => usdcSize),
    ).toEqual(['500', '0', '10']);
  });

  test('pays half to both sides where that is what was decided, and by hand if so switched', () => {
    const { trading, venue, market } = openDesk({ switches: { autoRedeem: false } });
    expect(trading.redeem(BOB, market.conditionId)).toBe(false);
    venue.resolve(market.conditionId, [1n, 1n], 2n, 1);
    expect(trading.account(BOB).cashMicros).toBe(1_000n * ONE);
    expect(trading.redeem(BOB, market.conditionId)).toBe(true);
    expect(trading.account(BOB).cashMicros).toBe(1_500n * ONE);
    expect(trading.redeem(BOB, market.conditionId)).toBe(false);
  });
});

test('a stale exchange knows nothing of what was bought until it reads the chain', async () => {
  const desk = openDesk({ switches: { staleBalances: true } });
  const { trading, clock, market } = desk;
  const [tokenId] = market.tokenIds;
  const asset = { kind: 'token', tokenId } as const;
  const sale = () => trading.place(anOrder({ tokenId, side: 'SELL', at: 40, shares: 10, orderType: 'FAK' }));
  expect(trading.balance(ALICE, asset).balanceMicros).toBe(0n);
  expect(sale()).toMatchObject({ status: 400 });
  trading.refresh(ALICE, asset);
  expect(sale()).toMatchObject({ status: 'matched' });
  await clock.advance(4_000);
  expect(trading.balance(ALICE, asset).balanceMicros).toBe(500n * ONE);
  trading.refresh(ALICE, asset);
  expect(trading.balance(ALICE, asset).balanceMicros).toBe(490n * ONE);
});
