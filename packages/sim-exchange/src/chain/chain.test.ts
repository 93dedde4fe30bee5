import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ANNA, BEGIN, openMarket, recordings } from '../../test/sim.ts';
import { ALICE, anOrder, BOB, openDesk } from '../../test/trading.ts';
import { hashFrom, type Market, walletFrom } from '../venue/market.ts';
import { Venue } from '../venue/venue.ts';
import { BLOCK_MS, Chain } from './chain.ts';

const data = recordings();
const START_MS = BEGIN.getTime();
const FIRST = START_MS / BLOCK_MS;

const ORDER_FILLED = '0xd543adfd945773f1a62f74f0ee55a5e3b9b1a28262980ba90b1a89f2ea84d8ee';
const FEE_CHARGED = '0x55bb3cade9d43b798a4fe5ffdd05024b2d7870df53920673bfc7e68047cd0ab1';
const ORDERS_MATCHED = '0x174b3811690657c217184f89418266767c87e4805d09680c39fc9c031c0cab7c';
const CTF_EXCHANGE = '0xe111180000d2663c0091e4f400237545b87b996b';

const padded = (address: string | undefined) => `0x${address?.slice(2).padStart(64, '0')}`;
const words = (text = '') => (text.slice(2).match(/.{64}/g) ?? []).map((one) => BigInt(`0x${one}`));

/** A chain over one market, at a time that the test moves. */
function aChain(more: Partial<Market> = {}) {
  const venue = new Venue();
  const market = { ...openMarket(), ...more };
  venue.addMarket(market);
  let nowMs = START_MS;
  const chain = new Chain(venue, () => nowMs);
  const trade = (name: string, more: object = {}) =>
    venue.trade({
      wallet: ANNA,
      tokenId: market.tokenIds[0],
      conditionId: market.conditionId,
      side: 'BUY',
      price: '0.46',
      size: '100',
      transactionHash: hashFrom('trade', name),
      atMs: nowMs,
      ...more,
    });
  return {
    chain,
    venue,
    market,
    trade,
    pass: (ms: number) => {
      nowMs += ms;
    },
    hashesOf: (block: number) => [...new Set(chain.logsOf(block).map((log) => log.transactionHash))],
  };
}

describe('the chain', () => {
  test('shows a trade when its block is mined, at the block’s time', () => {
    const { chain, trade, pass } = aChain();
    trade('a');
    expect([chain.head(), chain.logsOf(FIRST)]).toEqual([FIRST - 1, []]);
    pass(BLOCK_MS);
    expect(chain.head()).toBe(FIRST);
    expect(chain.header(FIRST)?.time).toBe((START_MS + BLOCK_MS) / 1_000);
    expect(chain.header(FIRST)?.parentHash).toBe(chain.header(FIRST - 1)?.hash);
    expect(chain.logsOf(FIRST)).toHaveLength(4);
  });

  test('tells of a trade the resting order, the fee, the taker’s own and the match', () => {
    const { chain, trade, pass } = aChain();
    trade('a');
    pass(BLOCK_MS);
    const [rested, fee, own, matched] = chain.logsOf(FIRST);
    expect([rested, fee, own, matched].map((log) => log?.topics[0])).toEqual([
      ORDER_FILLED,
      FEE_CHARGED,
      ORDER_FILLED,
      ORDERS_MATCHED,
    ]);
    expect(own?.topics.slice(2)).toEqual([padded(ANNA), padded(own?.address)]);
    expect(rested?.topics[3]).toBe(padded(ANNA));
    expect(matched?.topics[1]).toBe(own?.topics[1]);
    // 5 % of 100 × 0.46 × 0.54, which only the taker pays.
    expect(words(own?.data).slice(2)).toEqual([46_000_000n, 100_000_000n, 1_242_000n, 0n, 0n]);
    expect(words(fee?.data)).toEqual([1_242_000n]);
    expect(words(rested?.data).slice(2)).toEqual([100_000_000n, 46_000_000n, 0n, 0n, 0n]);
    expect([words(own?.data)[0], words(rested?.data)[0]]).toEqual([0n, 1n]);
  });

  test('has no fee where none is charged', () => {
    const { chain, trade, pass } = aChain({ feeRateMicros: 0n });
    trade('a');
    pass(BLOCK_MS);
    expect(chain.logsOf(FIRST).map((log) => log.topics[0])).toEqual([
      ORDER_FILLED,
      ORDER_FILLED,
      ORDERS_MATCHED,
    ]);
  });

  test.each([
    ['today’s kind', {}, CTF_EXCHANGE],
    ['neg-risk', { negRisk: true }, '0xe2222d279d744050d28e00520010520000310f59'],
    ['Protocol V2', { version: 'v2' }, '0xe3333700ca9d93003f00f0f71f8515005f6c00aa'],
  ] as const)('logs trades of %s on the contract that settles them', (_, more, address) => {
    const { chain, trade, pass } = aChain(more);
    trade('a');
    pass(BLOCK_MS);
    expect(new Set(chain.logsOf(FIRST).map((log) => log.address))).toEqual(new Set([address]));
    expect(chain.logsOf(FIRST)[2]?.topics[3]).toBe(padded(address));
  });

  test('tells of a market that is paid out, by the contract of its tokens', () => {
    const { chain, venue, market, pass } = aChain();
    venue.resolve(market.conditionId, [1n, 0n], 1n, START_MS);
    pass(BLOCK_MS);
    const [log, ...more] = chain.logsOf(FIRST);
    expect(more).toEqual([]);
    expect(log).toMatchObject({
      address: '0x4d97dcd97ec945f40cf65f87097ace5ea0476045',
      topics: [
        '0xb44d84d3289691f71497564b85d4233648d9dbae8cbdbb4329f301c3a0185894',
        market.conditionId,
        padded('0x157ce2d672854c848c9b79c49a8cc6cc89176a49'),
        market.conditionId,
      ],
    });
    expect(words(log?.data)).toEqual([2n, 64n, 2n, 1n, 0n]);
  });

  test('knows no resolution of Protocol V2', () => {
    const { chain, venue, market, pass } = aChain({ version: 'v2' });
    venue.resolve(market.conditionId, [1n, 0n], 1n, START_MS);
    pass(BLOCK_MS);
    expect(chain.logsOf(FIRST)).toEqual([]);
  });

  test('gives a trade that comes late to the next block, and one of long ago to its own', () => {
    const { trade, pass, hashesOf } = aChain();
    pass(BLOCK_MS);
    trade('late', { atMs: START_MS });
    trade('history', { atMs: START_MS - 60_000 });
    pass(BLOCK_MS);
    expect(hashesOf(FIRST + 1)).toEqual([hashFrom('trade', 'late')]);
    expect(hashesOf(FIRST - 30)).toEqual([hashFrom('trade', 'history')]);
  });

  test('a reorganisation brings trades back in other blocks, later, or never', () => {
    const { chain, trade, pass, hashesOf } = aChain();
    trade('a');
    trade('b');
    pass(BLOCK_MS);
    const before = chain.header(FIRST)?.hash;
    const { gone, from } = chain.reorganise(2, 0);
    expect([gone.length, from]).toEqual([8, FIRST - 1]);
    expect(chain.header(FIRST)?.hash).not.toBe(before);
    expect(hashesOf(FIRST)).toEqual([hashFrom('trade', 'b'), hashFrom('trade', 'a')]);
    chain.reorganise(1, 3);
    expect(hashesOf(FIRST)).toEqual([]);
    pass(3 * BLOCK_MS);
    expect(hashesOf(FIRST + 3)).toHaveLength(2);
    chain.reorganise(1, null);
    pass(9 * BLOCK_MS);
    expect(chain.filledBlocks(0, chain.head())).toEqual([]);
  });

  test('leaves out a token that no chain could name', () => {
    const { chain, trade, pass } = aChain();
    trade('a', { tokenId: '9'.repeat(78) });
    pass(BLOCK_MS);
    expect(chain.logsOf(FIRST)).toEqual([]);
  });

  test.skipIf(data === null)('writes logs in the form of recorded ones', () => {
    const [recorded] = JSON.parse(
      readFileSync(join(data ?? '', 'onchain/ctf-exchange-v2-orderfilled.json'), 'utf8'),
    ) as { log: { address: string; topics: string[]; data: string } }[];
    const { chain, trade, pass } = aChain();
    trade('a');
    pass(BLOCK_MS);
    const [, , own] = chain.logsOf(FIRST);
    expect(own?.address).toBe(recorded?.log.address);
    expect(own?.topics[0]).toBe(recorded?.log.topics[0]);
    expect(own?.topics.map((one) => one.length)).toEqual(recorded?.log.topics.map((one) => one.length));
    expect(own?.data.length).toBe(recorded?.log.data.length);
  });
});

describe('a match on the chain', () => {
  /** Its logs as contract-free words: event, whose order, against whom, side and amounts. */
  const readable = (logs: ReturnType<Chain['logsOf']>) =>
    logs.map(({ topics, data: text }) => {
      const [side, , ...amounts] = words(text);
      if (topics[0] === FEE_CHARGED) return ['fee', words(text)[0]];
      if (topics[0] === ORDERS_MATCHED) return ['matched', topics[2], side, ...amounts];
      return ['filled', topics[2], topics[3], side, ...amounts.slice(0, 3)];
    });

  test('between two accounts is one match, and each order stands in it once', async () => {
    const desk = openDesk({ empty: true });
    const chain = new Chain(desk.venue, () => desk.clock.now().getTime());
    const [yes] = desk.market.tokenIds;
    const maker = anOrder({ maker: BOB, tokenId: yes, side: 'SELL', at: 47, shares: 100 });
    const taker = anOrder({ maker: ALICE, tokenId: yes, side: 'BUY', at: 47, shares: 100 });
    desk.trading.place(maker);
    desk.trading.place(taker);
    await desk.clock.advance(BLOCK_MS);
    const logs = chain.logsOf(FIRST);
    expect(readable(logs)).toEqual([
      ['filled', padded(BOB), padded(ALICE), 1n, 100_000_000n, 47_000_000n, 0n],
      ['fee', 1_245_500n],
      ['filled', padded(ALICE), padded(CTF_EXCHANGE), 0n, 47_000_000n, 100_000_000n, 1_245_500n],
      ['matched', padded(ALICE), 0n, 47_000_000n, 100_000_000n],
    ]);
    expect([logs[0]?.topics[1], logs[2]?.topics[1], logs[3]?.topics[1]]).toEqual([
      maker.id,
      taker.id,
      taker.id,
    ]);
  });

  test('of buyers of both outcomes fills each with its own token', async () => {
    const desk = openDesk({ empty: true });
    const chain = new Chain(desk.venue, () => desk.clock.now().getTime());
    const [yes, no] = desk.market.tokenIds;
    desk.trading.place(anOrder({ maker: BOB, tokenId: no, side: 'BUY', at: 53, shares: 100 }));
    desk.trading.place(anOrder({ maker: ALICE, tokenId: yes, side: 'BUY', at: 47, shares: 100 }));
    await desk.clock.advance(BLOCK_MS);
    const logs = chain.logsOf(FIRST);
    expect(readable(logs).filter(([event]) => event === 'filled')).toEqual([
      ['filled', padded(BOB), padded(ALICE), 0n, 53_000_000n, 100_000_000n, 0n],
      ['filled', padded(ALICE), padded(CTF_EXCHANGE), 0n, 47_000_000n, 100_000_000n, 1_245_500n],
    ]);
    expect([words(logs[0]?.data)[1], words(logs[2]?.data)[1]]).toEqual([BigInt(no), BigInt(yes)]);
  });

  test('over several prices fills the taker’s order once, and names those of nobody in particular as the account’s trades do', async () => {
    const desk = openDesk({ market: { feeRateMicros: 0n } });
    const chain = new Chain(desk.venue, () => desk.clock.now().getTime());
    const [yes] = desk.market.tokenIds;
    desk.trading.place(anOrder({ maker: BOB, tokenId: yes, side: 'SELL', at: 46, shares: 50 }));
    // The book has 100 shares at 47 cents, of nobody in particular.
    desk.trading.place(anOrder({ maker: ALICE, tokenId: yes, side: 'BUY', at: 47, shares: 80 }));
    await desk.clock.advance(BLOCK_MS);
    const logs = chain.logsOf(FIRST);
    const [first, second, ...rest] = readable(logs);
    // Whoever it was, the private row of the trade names the same one and the same order.
    const [stranger] = desk.trading
      .trades()
      .flatMap(({ makers }) => makers.filter(({ maker }) => maker !== BOB));
    expect(second?.[1]).toBe(padded(stranger?.maker ?? ''));
    expect(logs[1]?.topics[1]).toBe(stranger?.orderId);
    expect(first).toEqual(['filled', padded(BOB), padded(ALICE), 1n, 50_000_000n, 23_000_000n, 0n]);
    expect(second?.slice(2)).toEqual([padded(ALICE), 1n, 30_000_000n, 14_100_000n, 0n]);
    expect(rest).toEqual([
      ['filled', padded(ALICE), padded(CTF_EXCHANGE), 0n, 37_100_000n, 80_000_000n, 0n],
      ['matched', padded(ALICE), 0n, 37_100_000n, 80_000_000n],
    ]);
  });

  test('of a stranger of whom the feed told names him to the order that he met', async () => {
    const desk = openDesk({ empty: true, market: { feeRateMicros: 0n } });
    const chain = new Chain(desk.venue, () => desk.clock.now().getTime());
    const [yes] = desk.market.tokenIds;
    desk.trading.place(anOrder({ maker: BOB, tokenId: yes, side: 'BUY', at: 45, shares: 60 }));
    const stranger = walletFrom('test', 'stranger');
    desk.venue.trade({
      wallet: stranger,
      tokenId: yes,
      conditionId: desk.market.conditionId,
      side: 'SELL',
      price: '0.45',
      size: '60',
      transactionHash: hashFrom('trade', 'stranger'),
      atMs: START_MS,
    });
    await desk.clock.advance(BLOCK_MS);
    expect(readable(chain.logsOf(FIRST))).toEqual([
      ['filled', padded(BOB), padded(stranger), 0n, 27_000_000n, 60_000_000n, 0n],
      ['filled', padded(stranger), padded(CTF_EXCHANGE), 1n, 60_000_000n, 27_000_000n, 0n],
      ['matched', padded(stranger), 1n, 60_000_000n, 27_000_000n],
    ]);
  });

  test('of a resting order alone makes its taker up', () => {
    const { chain, trade, pass } = aChain({ feeRateMicros: 0n });
    trade('a', { isTaker: false });
    pass(BLOCK_MS);
    const [rested, own, matched] = chain.logsOf(FIRST);
    expect(rested?.topics[2]).toBe(padded(ANNA));
    expect(own?.topics.slice(2)).toEqual([rested?.topics[3], padded(CTF_EXCHANGE)]);
    expect(matched?.topics[2]).toBe(rested?.topics[3]);
    expect([words(rested?.data)[0], words(own?.data)[0], words(matched?.data)[0]]).toEqual([0n, 1n, 1n]);
  });
});
