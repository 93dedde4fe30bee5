import { describe, expect, test } from 'vitest';
import { aTrade, PAPER } from '../../test/builders.ts';
import { createHarness } from '../../test/harness.ts';
import { Conflict } from '../store/commit.ts';

/** The tenth repeat still counts; the one after it does not. */
const COMMITS_TRIED = 11;
const commits = (seen: readonly string[]) => seen.filter((effect) => effect.startsWith('commit'));

describe('another decider’s commit in between', () => {
  test('has the pass done again on what is true now, and doubles nothing', async () => {
    const { deliver, world, seen, decisions, ports } = createHarness(0);
    await deliver(aTrade(1));
    world.failure = 'another';
    await deliver(aTrade(2), aTrade(3));
    expect(decisions().map(({ tradeIds }) => tradeIds)).toEqual([['lt_1'], ['lt_2'], ['lt_3']]);
    expect(commits(seen)).toEqual([
      'commit 1 parts, 1 groups, 1 attempts',
      'commit 2 parts, 2 groups, 2 attempts',
    ]);
    expect(seen.filter((effect) => effect.startsWith('push'))).toEqual(['push g:lt_1', 'push g:lt_2 g:lt_3']);
    expect(world.recalls).toBe(2);
    expect(ports.reservations.attemptIds(PAPER)).toHaveLength(3);
  });

  test('leaves a window open with the same parts', async () => {
    const { deliver, world, clock, decisions } = createHarness(250);
    await deliver(aTrade(1));
    world.failure = 'another';
    await deliver(aTrade(2));
    await clock.advance(250);
    expect(decisions()).toMatchObject([{ tradeIds: ['lt_1', 'lt_2'], leaderSizeMicros: 200_000_000n }]);
    expect(clock.pending()).toEqual([]);
  });

  test('at the end of a window has the decision made once', async () => {
    const { deliver, world, clock, decisions, desk, figures } = createHarness(250);
    await deliver(aTrade(1));
    world.failure = 'another';
    await clock.advance(250);
    expect(decisions()).toHaveLength(1);
    expect(figures.totals()).toEqual({ parts: 1, executed: 1, skipped: 0 });
    expect(desk.isSound()).toBe(true);
  });

  test('does not have a waiting group wait anew, nor commit for its sake', async () => {
    const { deliver, world, seen, clock, decisions } = createHarness(0);
    world.book = null;
    await deliver(aTrade(1));
    for (let n = 2; n <= 3; n += 1) {
      await clock.advance(200);
      world.failure = 'another';
      await deliver(aTrade(n, { leaderId: `L${n}` }));
    }
    expect(commits(seen)).toHaveLength(3);
    await clock.advance(99);
    expect(decisions()).toEqual([]);
    await clock.advance(1);
    expect(decisions()).toMatchObject([{ groupKey: 'g:lt_1', reasons: ['NO_FRESH_BOOK'] }]);
    await clock.advance(400);
    expect(decisions()).toHaveLength(3);
    expect(clock.pending()).toEqual([]);
  });

  test('ten times in a row is borne', async () => {
    const { deliver, world, decisions } = createHarness(0);
    Object.assign(world, { failure: 'another', failures: COMMITS_TRIED - 1 });
    await deliver(aTrade(1));
    expect(decisions()).toHaveLength(1);
  });

  test('again and again fails the work, which comes again and is done once', async () => {
    const { deliver, world, decisions, desk } = createHarness(0);
    Object.assign(world, { failure: 'another', failures: COMMITS_TRIED });
    await expect(deliver(aTrade(1))).rejects.toThrow(Conflict);
    expect(decisions()).toEqual([]);
    expect(desk.isSound()).toBe(false);
    await deliver(aTrade(1));
    expect(decisions()).toHaveLength(1);
  });
});

describe('the desk', () => {
  test('runs one pass after the other; one that fails does not stop the next', async () => {
    const { desk } = createHarness();
    const seen: string[] = [];
    const first = desk.pass(async () => {
      seen.push('first begins');
      await Promise.resolve();
      seen.push('first ends');
      throw new Error('broken');
    });
    const second = desk.pass(async () => void seen.push('second'));
    await expect(first).rejects.toThrow('broken');
    await second;
    expect(seen).toEqual(['first begins', 'first ends', 'second']);
  });

  test('reads everything before its first pass, after a failure, and when it holds other partitions', async () => {
    const { desk, world } = createHarness();
    expect(desk.isSound()).toBe(false);
    await desk.open();
    await desk.open();
    expect(world.recalls).toBe(1);
    await expect(desk.pass(() => Promise.reject(new Error('broken')))).rejects.toThrow();
    expect(desk.isSound()).toBe(false);
    await desk.open();
    await desk.hold([0, 1]);
    expect(world.recalls).toBe(3);
    expect(desk.isSound()).toBe(true);
  });

  test('puts down what it does not hold any more: nothing is armed', async () => {
    const { desk, deliver, clock, ports, tables, decisions } = createHarness(250);
    await deliver(aTrade(1));
    expect(clock.pending()).toHaveLength(1);
    tables.groups.clear();
    await desk.hold([]);
    await clock.advance(1_000);
    expect([clock.pending(), ports.groups.all(), decisions()]).toEqual([[], [], []]);
  });
});
