import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ANNA, BEGIN, openMarket, recordings } from '../../test/sim.ts';
import { hashFrom } from '../venue/market.ts';
import { Venue } from '../venue/venue.ts';
import { BLOCK_MS, Chain } from './chain.ts';

const data = recordings();
const START_MS = BEGIN.getTime();
const FIRST = START_MS / BLOCK_MS;

/** A chain over one market, at a time that the test moves. */
function aChain() {
  const venue = new Venue();
  const market = openMarket();
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
    expect(chain.logsOf(FIRST)).toHaveLength(3);
  });

  test('tells of a trade the resting order, the taker’s own and the match', () => {
    const { chain, trade, pass } = aChain();
    trade('a');
    pass(BLOCK_MS);
    const [rested, own, matched] = chain.logsOf(FIRST);
    const padded = (address: string | undefined) => `0x${address?.slice(2).padStart(64, '0')}`;
    expect(own?.topics.slice(2)).toEqual([padded(ANNA), padded(own?.address)]);
    expect(rested?.topics[3]).toBe(padded(ANNA));
    expect(matched?.topics[1]).toBe(own?.topics[1]);
    const words = (text = '') => (text.slice(2).match(/.{64}/g) ?? []).map((one) => BigInt(`0x${one}`));
    // 5 % of 100 × 0.46 × 0.54, which only the taker pays.
    expect(words(own?.data).slice(2)).toEqual([46_000_000n, 100_000_000n, 1_242_000n, 0n, 0n]);
    expect(words(rested?.data).slice(2)).toEqual([100_000_000n, 46_000_000n, 0n, 0n, 0n]);
    expect([words(own?.data)[0], words(rested?.data)[0]]).toEqual([0n, 1n]);
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
    expect([gone.length, from]).toEqual([6, FIRST - 1]);
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
    const [, own] = chain.logsOf(FIRST);
    expect(own?.address).toBe(recorded?.log.address);
    expect(own?.topics[0]).toBe(recorded?.log.topics[0]);
    expect(own?.topics.map((one) => one.length)).toEqual(recorded?.log.topics.map((one) => one.length));
    expect(own?.data.length).toBe(recorded?.log.data.length);
  });
});
