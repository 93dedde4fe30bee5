import { describe, expect, test } from 'vitest';
import { aTrade, BOOK, TOKEN } from '../test/builders.ts';
import { createHarness } from '../test/harness.ts';

const UNUSABLE = { ...BOOK, ageMs: 5_000 };

describe('onGroupsDue', () => {
  test('decides what is due together in one transaction, by due and name', async () => {
    const { deliver, clock, seen } = createHarness(250);
    await deliver(aTrade(3, { leaderId: 'L3' }), aTrade(1, { leaderId: 'L1' }));
    await deliver(aTrade(2, { leaderId: 'L2' }));
    await clock.advance(250);
    expect(seen.slice(-2)).toEqual(['commit 0 parts, 3 groups, 3 attempts', 'push g:lt_1 g:lt_2 g:lt_3']);
    expect(clock.pending()).toEqual([]);
  });

  test('asks for a missing book and decides when it comes', async () => {
    const { deliver, clock, seen, world, decisions, desk, tables } = createHarness(0);
    world.book = null;
    await deliver(aTrade(1));
    expect(seen).toEqual([`ask ${TOKEN}`, 'commit 1 parts, 1 groups, 0 attempts', 'push ']);
    expect(tables.groups.get('PAPER g:lt_1')?.status).toBe('WAITING');
    await clock.advance(120);
    world.book = BOOK;
    desk.news(TOKEN);
    await clock.advance(0);
    expect(decisions()).toMatchObject([{ decision: 'EXECUTE', decidedAt: '2026-11-20T12:00:00.120Z' }]);
    expect(clock.pending()).toEqual([]);
  });

  test('news of a session wakes whoever waits; news that answers nothing wakes nobody', async () => {
    const { deliver, clock, world, decisions, desk } = createHarness(0);
    world.book = null;
    await deliver(aTrade(1));
    desk.news(null);
    desk.news('other');
    await clock.advance(0);
    expect(decisions()).toEqual([]);
    world.book = BOOK;
    desk.news(null);
    await clock.advance(0);
    expect(decisions()).toHaveLength(1);
  });

  test('a book that comes while the wait is being written down is not missed', async () => {
    const { deliver, clock, world, decisions, ports, desk } = createHarness(0);
    world.book = null;
    ports.books.ask = () => {
      world.book = BOOK;
      desk.news(TOKEN);
    };
    await deliver(aTrade(1));
    await clock.advance(0);
    expect(decisions()).toMatchObject([{ decision: 'EXECUTE', decidedAt: '2026-11-20T12:00:00.000Z' }]);
  });

  test('gives up when the wait is over', async () => {
    const { deliver, clock, world, decisions, ports } = createHarness(0);
    world.book = UNUSABLE;
    await deliver(aTrade(1));
    await clock.advance(499);
    expect(decisions()).toEqual([]);
    await clock.advance(1);
    expect(decisions()).toMatchObject([{ decision: 'SKIP', reasons: ['NO_FRESH_BOOK'] }]);
    expect(ports.groups.all()).toEqual([]);
  });

  test('a market that never tells its data is a skip of its own', async () => {
    const { deliver, clock, world, decisions } = createHarness(0);
    world.market = null;
    await deliver(aTrade(1));
    await clock.advance(500);
    expect(decisions()).toMatchObject([{ decision: 'SKIP', reasons: ['MISSING_MARKET_DATA'] }]);
  });

  test('a failed pass leaves nothing undecided: the desk reads everything again and arms it', async () => {
    const { deliver, clock, world, decisions, desk, onDue } = createHarness(250);
    await deliver(aTrade(1), aTrade(2, { leaderId: 'L2' }));
    world.failure = 'before';
    await expect(clock.advance(250)).rejects.toThrow('away');
    await onDue();
    expect(decisions()).toEqual([]);
    await desk.open();
    await clock.advance(0);
    expect(decisions()).toHaveLength(2);
    expect(world.recalls).toBe(2);
  });

  test('a pass whose answer was lost gives each group one attempt', async () => {
    const { deliver, clock, world, decisions, desk, ports } = createHarness(250);
    await deliver(aTrade(1));
    world.failure = 'after';
    await expect(clock.advance(250)).rejects.toThrow('lost');
    await desk.open();
    await clock.advance(0);
    expect(decisions()).toHaveLength(1);
    expect(ports.groups.all()).toEqual([]);
  });

  test('counts what it did', async () => {
    const { deliver, world, figures } = createHarness(0);
    await deliver(aTrade(1));
    world.config = null;
    await deliver(aTrade(2), aTrade(1));
    expect(figures.totals()).toEqual({ parts: 2, executed: 1, skipped: 1 });
  });
});
