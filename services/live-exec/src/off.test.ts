import type { Bucket } from '@slipstream/bus';
import { ServiceStatus, statusBucket } from '@slipstream/proto';
import { fakeClock } from '@slipstream/runtime';
import { describe, expect, test } from 'vitest';
import { OFF_DETAIL, reportOff } from './off.ts';

const START = new Date('2026-11-22T10:00:00.000Z');

/** A bucket that only remembers what was put into it. */
function remembering(): { readonly put: ServiceStatus[]; readonly bucket: Bucket<ServiceStatus> } {
  const put: ServiceStatus[] = [];
  const bucket: Bucket<ServiceStatus> = {
    get: async () => null,
    put: async (_key, value) => put.push(value),
    delete: async () => undefined,
    watch: async () => ({ stop: async () => undefined }),
    keys: async () => [],
  };
  return { put, bucket };
}

describe('live-exec while it is off', () => {
  test('says so at once, in the form of a heartbeat', async () => {
    const { put, bucket } = remembering();
    const { signal } = new AbortController();
    await reportOff({ name: 'live-exec', clock: fakeClock(START), signal }, bucket);
    expect(put).toHaveLength(1);
    expect(ServiceStatus.parse(put[0])).toMatchObject({
      service: 'live-exec',
      state: 'off',
      detail: OFF_DETAIL,
    });
  });

  test('says so again before the key’s life is over', async () => {
    const { put, bucket } = remembering();
    const clock = fakeClock(START);
    await reportOff({ name: 'live-exec', clock, signal: new AbortController().signal }, bucket);
    await clock.advance(statusBucket.ttlMs);
    expect(put.length).toBeGreaterThan(3);
  });
});
