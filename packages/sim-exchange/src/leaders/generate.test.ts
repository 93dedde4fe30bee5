import { fakeClock } from '@slipstream/runtime';
import { describe, expect, test } from 'vitest';
import { BEGIN } from '../../test/sim.ts';
import { Venue } from '../venue/venue.ts';
import { generateWorld } from './generate.ts';

const MINUTE_MS = 60_000;

async function play(seed: number, pass = 0) {
  const venue = new Venue();
  const clock = fakeClock(BEGIN);
  const world = generateWorld({ clock, venue, seed, wallets: 4, rate: 60, pass });
  world.start();
  await clock.advance(2 * MINUTE_MS);
  const books = world.markets.map(({ market }) => venue.book(market.tokenIds[0])?.view);
  return { rows: venue.log.all(), books };
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
