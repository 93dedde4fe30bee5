import { describe, expect, test } from 'vitest';
import { createTrackedActivity } from './tracked-activity.ts';

describe('what is under way', () => {
  test('is nothing at first, and nothing again when the last work has ended', async () => {
    const activity = createTrackedActivity();
    expect(activity.atRest()).toBe(true);
    const end = activity.begin();
    const work = activity.run(async () => 'done');
    end();
    end();
    expect(activity.atRest()).toBe(false);
    expect(await work).toBe('done');
    await activity.whenAtRest();
    expect(activity.atRest()).toBe(true);
  });

  test('ends with work that throws', async () => {
    const activity = createTrackedActivity();
    await expect(activity.run(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(activity.atRest()).toBe(true);
  });

  test('a needed position keeps a reader from rest until it is reached', async () => {
    const activity = createTrackedActivity();
    activity.consumed('trade', 4);
    activity.need('trade', 6);
    activity.need('lane we do not read', 100);
    expect(activity.explain()).toEqual(['lane trade is at 4 and needs 6']);
    activity.consumed('trade', 5);
    expect(activity.atRest()).toBe(false);
    const rest = activity.whenAtRest();
    activity.consumed('trade', 6);
    await rest;
  });

  test('every beginning, every production and every step forward is a change; standing still is none', () => {
    const activity = createTrackedActivity();
    activity.begin()();
    activity.produced('trade', 1);
    activity.consumed('trade', 1);
    const before = activity.changes();
    activity.consumed('trade', 1);
    activity.consumed('trade', 0);
    expect([before, activity.changes()]).toEqual([3, 3]);
    expect(activity.takeMoved()).toEqual({ produced: { trade: 1 }, consumed: { trade: 1 } });
    expect(activity.takeMoved()).toEqual({ produced: undefined, consumed: undefined });
  });

  test('says what it is busy with, and which barrier failed', async () => {
    const activity = createTrackedActivity();
    activity.begin('handler');
    activity.begin('handler');
    activity.begin('poll books');
    activity.barrier('socket', () => Promise.reject(new Error('closed')));
    expect(activity.explain()).toEqual(['busy with 2 × handler', 'busy with poll books']);
    await expect(activity.passBarriers()).rejects.toThrow('barrier socket failed: closed');
  });
});
