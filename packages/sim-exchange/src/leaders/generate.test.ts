import { fakeClock } from '@slipstream/runtime';
import { describe, expect, test } from 'vitest';
import { BEGIN } from '../../test/sim.ts';
import { Venue } from '../venue/venue.ts';
import { generateWorld } from './generate.ts';

const MINUTE_MS = 60_000;

async function play(seed: number, pass = 0, steady = false) {
  const venue = new Venue();
  const clock = fakeClock(BEGIN);
  const world = generateWorld({ clock, venue, seed, wallets: 4, rate: 60, pass, steady });
  const mids = () => world.markets.map(({ midMicros }) => midMicros);
  const first = mids();
  world.start();
  await clock.advance(2 * MINUTE_MS);
  const books = world.markets.map(({ market }) => venue.book(market.tokenIds[0])?.view);
  return { rows: venue.log.all(), books, moved: mids().some((mid, i) => mid !== first[i]) };
}

describe('a generated world', () => {
  test('is the same for the same seed and another for another', async () => {
    const [first, again, other] = [await play(7), await play(7), await play(8)];
    expect(again).toEqual(first);
    expect(other.rows[0]?.tokenId).not.toBe(first.rows[0]?.tokenId);
    expect(first.rows.length).toBeGreaterThan(60);
  });

  test('of a later pass makes the same trades in other transactions', async () => {
    const [first, later] = [await play(7), await play(7, 1)];
    const deed = (row: (typeof first.rows)[number]) => [row.wallet, row.tokenId, row.price, row.size];
    expect(later.rows.map(deed)).toEqual(first.rows.map(deed));
    const hashes = new Set(first.rows.map((row) => row.transactionHash));
    expect(later.rows.some((row) => hashes.has(row.transactionHash))).toBe(false);
  });

  test('keeps its prices where it is steady, and changes what is offered at them', async () => {
    const [wandering, steady] = [await play(7), await play(7, 0, true)];
    expect([wandering.moved, steady.moved]).toEqual([true, false]);
    const began = new Venue();
    generateWorld({ clock: fakeClock(BEGIN), venue: began, seed: 7, wallets: 4, rate: 60, pass: 0 });
    const first = [...began.markets.values()].map(({ tokenIds }) => began.book(tokenIds[0])?.view);
    const prices = (views: typeof first) => views.map((view) => [...(view?.bids.keys() ?? [])]);
    expect(prices(steady.books)).toEqual(prices(first));
    expect(steady.books).not.toEqual(first);
  });

  test('lets nobody sell what he does not hold', async () => {
    const held = new Map<string, number>();
    for (const row of (await play(3)).rows) {
      const key = `${row.wallet} ${row.tokenId}`;
      const next = (held.get(key) ?? 0) + (row.side === 'BUY' ? 1 : -1) * Number(row.size);
      expect(next).toBeGreaterThan(-1e-6);
      held.set(key, next);
    }
  });
});
