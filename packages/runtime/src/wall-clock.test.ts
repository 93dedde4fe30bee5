import { afterEach, describe, expect, test, vi } from 'vitest';
import { idleActivity } from './activity.ts';
import { createLogger, silentLogger } from './log.ts';
import { pause } from './pause.ts';
import { wallClock } from './wall-clock.ts';

const in_ = (ms: number): Date => new Date(Date.now() + ms);
afterEach(() => {
  vi.useRealTimers();
});

describe('wallClock', () => {
  test('runs deadlines in order of (due, key), the past ones at once', async () => {
    const clock = wallClock(idleActivity, silentLogger());
    const seen: string[] = [];
    const note = (key: string) => async (): Promise<void> => void seen.push(key);
    const due = in_(20);
    clock.at(due, 'b', note('b'));
    clock.at(due, 'a', note('a'));
    clock.at(in_(-1_000), 'past', note('past'));
    clock.at(in_(5), 'gone', note('gone')).cancel();
    await vi.waitFor(() => expect(seen).toEqual(['past', 'a', 'b']));
    await clock.stop();
  });

  test('a deadline beyond 2^31 ms does not fire early', async () => {
    vi.useFakeTimers({ now: 0 });
    const clock = wallClock(idleActivity, silentLogger());
    const seen: number[] = [];
    const due = 2 ** 31 + 5_000;
    clock.at(new Date(due), 'far', async () => void seen.push(Date.now()));
    await vi.advanceTimersByTimeAsync(due - 1);
    expect(seen).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(seen).toEqual([due]);
    await clock.stop();
  });

  test('a failed deadline is logged and the next one runs', async () => {
    const lines: string[] = [];
    const clock = wallClock(
      idleActivity,
      createLogger({ service: 't', write: (line) => void lines.push(line) }),
    );
    const { promise, resolve } = Promise.withResolvers<void>();
    clock.at(in_(0), 'a', () => Promise.reject(new Error('broken')));
    clock.at(in_(1), 'b', async () => resolve());
    await promise;
    expect(lines.join('')).toMatch(/"key":"a".*broken.*"event":"deadline.failed"/);
    await clock.stop();
  });

  test('a poll starts at once, never overlaps itself, and goes on after an error', async () => {
    const clock = wallClock(idleActivity, silentLogger());
    let [running, most, runs] = [0, 0, 0];
    clock.poll('p', 2, async () => {
      runs += 1;
      running += 1;
      most = Math.max(most, running);
      await pause(8);
      running -= 1;
      throw new Error('broken');
    });
    await vi.waitFor(() => expect(runs).toBeGreaterThan(3));
    expect(most).toBe(1);
    await clock.stop();
    expect(running).toBe(0);
    const before = runs;
    await pause(20);
    expect(runs).toBe(before);
  });

  test('a loop waits one period first; its signal aborts on stop', async () => {
    const clock = wallClock(idleActivity, silentLogger());
    const { promise, resolve } = Promise.withResolvers<void>();
    const from = performance.now();
    let startedAfterMs = 0;
    let aborted = false;
    clock.every('e', 30, async (signal) => {
      startedAfterMs = performance.now() - from;
      resolve();
      await pause(60_000, signal);
      aborted = signal.aborted;
    });
    await promise;
    await clock.stop();
    expect(aborted).toBe(true);
    expect(startedAfterMs).toBeGreaterThanOrEqual(29);
  });

  test('a period that would spin is refused', () => {
    const clock = wallClock(idleActivity, silentLogger());
    expect(() => clock.poll('p', 0, async () => undefined)).toThrow(RangeError);
  });
});

describe('pause', () => {
  test('ends early, without an error, when the signal aborts', async () => {
    const stop = new AbortController();
    const from = performance.now();
    const waiting = pause(60_000, stop.signal);
    stop.abort();
    await waiting;
    await pause(60_000, stop.signal);
    expect(performance.now() - from).toBeLessThan(1_000);
  });
});
