import { describe, expect, test } from 'vitest';
import { fakeClock } from './fake-clock.ts';

const START = new Date('2026-01-01T00:00:00.000Z');
const after = (ms: number): Date => new Date(START.getTime() + ms);

describe('fakeClock', () => {
  test('runs deadlines in order at their own instants, those armed on the way included', async () => {
    const clock = fakeClock(START);
    const seen: [string, Date][] = [];
    const note = (key: string) => async (): Promise<void> => void seen.push([key, clock.now()]);
    clock.at(after(20), 'b', note('b'));
    clock.at(after(20), 'a', note('a'));
    clock.at(after(10), 'first', async () => {
      await note('first')();
      clock.at(after(15), 'armed', note('armed'));
    });
    clock.at(after(99), 'later', note('later'));
    await clock.advance(50);
    expect(seen).toEqual([
      ['first', after(10)],
      ['armed', after(15)],
      ['a', after(20)],
      ['b', after(20)],
    ]);
    expect([clock.now(), clock.pending()]).toEqual([after(50), ['later']]);
  });

  test('a poll runs at once and every period, a loop after one, until cancelled', async () => {
    const clock = fakeClock(START);
    const seen: string[] = [];
    const poll = clock.poll('p', 10, async () => void seen.push('poll'));
    const loop = clock.every('e', 10, async () => void seen.push('every'));
    await clock.advance(0);
    expect(seen).toEqual(['poll']);
    await clock.advance(20);
    expect(seen).toEqual(['poll', 'every', 'poll', 'every', 'poll']);
    poll.cancel();
    loop.cancel();
    await clock.advance(1_000);
    expect(seen).toHaveLength(5);
  });

  test('does not go back, and gives a run’s error to the test', async () => {
    const clock = fakeClock(START);
    await expect(clock.set(after(-1))).rejects.toThrow('does not go back');
    clock.at(after(1), 'k', () => Promise.reject(new Error('broken')));
    await expect(clock.advance(1)).rejects.toThrow('broken');
  });
});
