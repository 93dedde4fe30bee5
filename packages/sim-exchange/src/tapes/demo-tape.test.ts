import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { DEMO_TAPE, makeDemoTape } from '../../tools/make-demo-tape.ts';
import { bestAskOf, bestBidOf, MirroredBook } from '../venue/book.ts';
import { readTape } from './read-tape.ts';

const BYTES_MAX = 300_000;

describe('the demo tape', () => {
  test('is what its generator makes, and small', async () => {
    const committed = await readFile(DEMO_TAPE, 'utf8');
    expect(makeDemoTape()).toBe(committed);
    expect(committed.length).toBeLessThan(BYTES_MAX);
  });

  test('has four markets, four leaders and everything that may happen', async () => {
    const tape = await readTape(DEMO_TAPE);
    const trades = tape.events.filter((event) => event.kind === 'trade');
    expect(tape.markets.map((m) => m.tickMicros)).toContain(1_000n);
    expect(tape.markets.filter((m) => m.negRisk)).toHaveLength(1);
    expect(tape.markets.filter((m) => m.feeRateMicros === 0n)).toHaveLength(1);
    expect(new Set(trades.map((trade) => trade.wallet)).size).toBe(4);
    expect(trades.length).toBeGreaterThan(100);
    expect(new Set(trades.map((trade) => trade.transactionHash)).size).toBeLessThan(trades.length);
    expect(new Set(tape.events.map((event) => event.kind))).toEqual(
      new Set(['book', 'delta', 'trade', 'activity', 'tick', 'resolution']),
    );
  });

  test('never crosses a book, and all trades but one are at its best price', async () => {
    const tape = await readTape(DEMO_TAPE);
    const books = new Map(tape.markets.map((m) => [m.tokenIds[0], new MirroredBook()]));
    let elsewhere = 0;
    for (const event of tape.events) {
      if (event.kind === 'book') books.get(event.tokenId)?.replace(event.view, event.atMs);
      if (event.kind === 'delta')
        for (const change of event.changes) books.get(event.tokenId)?.set(change, event.atMs);
      if (event.kind === 'trade') {
        const market = tape.markets.find((m) => m.conditionId === event.conditionId);
        const view = books
          .get(market?.tokenIds[0] ?? '')
          ?.view(market?.tokenIds[0] === event.tokenId ? 0 : 1);
        if (!view) throw new Error('a trade without a book');
        const [bid, ask] = [bestBidOf(view), bestAskOf(view)];
        expect(bid !== null && ask !== null && bid < ask).toBe(true);
        const best = event.side === 'BUY' ? ask : bid;
        if (Number(best) !== Math.round(Number(event.price) * 1e6)) elsewhere += 1;
      }
    }
    expect(elsewhere).toBe(1);
  });

  test('lets nobody sell what he does not hold', async () => {
    const held = new Map<string, number>();
    for (const event of (await readTape(DEMO_TAPE)).events) {
      if (event.kind !== 'trade') continue;
      const key = `${event.wallet} ${event.tokenId}`;
      const next = (held.get(key) ?? 0) + (event.side === 'BUY' ? 1 : -1) * Number(event.size);
      expect(next).toBeGreaterThan(-1e-6);
      held.set(key, next);
    }
  });
});
