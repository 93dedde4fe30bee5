import { fakeClock, silentLogger } from '@slipstream/runtime';
import { describe, expect, test } from 'vitest';
import { NO_HOLDINGS } from './core/holdings.ts';
import { createStatePublisher } from './publish-state.ts';
import { createSnapshots } from './take-snapshots.ts';
import { AT, PAPER } from './testing/builders.ts';

function setUp(failures = 0) {
  const clock = fakeClock(AT);
  const taken: string[] = [];
  let left = failures;
  const snapshots = createSnapshots({
    clock,
    log: silentLogger(),
    signal: new AbortController().signal,
    markOf: () => null,
    between: (work) => work(),
    accounts: () => [{ id: PAPER, holdings: NO_HOLDINGS }],
    store: async (_account, bucket, slices) => {
      if (left-- > 0) throw new Error('database away');
      taken.push(
        `${bucket.toISOString().slice(11, 16)} ${slices.map((slice) => slice.leaderId ?? '*').join(' ')}`,
      );
      return [];
    },
    announce: () => ({ channel: '', subject: '', messageId: null, headers: {}, payload: '' }),
    publish: () => undefined,
    onTaken: () => undefined,
  });
  return { clock, snapshots, taken };
}

describe('snapshots', () => {
  test('are taken once at the end of the minute, for the account and the leaders that changed', async () => {
    const { clock, snapshots, taken } = setUp();
    snapshots.touch(['l2']);
    snapshots.touch(['l1', null]);
    snapshots.touch(['l2']);
    await clock.advance(29_999);
    expect(taken).toEqual([]);
    await clock.advance(1);
    expect(taken).toEqual(['12:00 * l1 l2']);
  });

  test('cost nothing in minutes without a change', async () => {
    const { clock, snapshots, taken } = setUp();
    snapshots.touch([]);
    await clock.advance(3_600_000);
    snapshots.touch(['l1']);
    await clock.advance(60_000);
    expect(taken).toEqual(['12:00 *', '13:00 * l1']);
    expect(clock.pending()).toEqual([]);
  });

  test('are tried again when the database is away', async () => {
    const { clock, snapshots, taken } = setUp(1);
    snapshots.touch(['l1']);
    await clock.advance(30_000);
    expect(taken).toEqual(['12:00 * l1']);
  });
});

describe('the state', () => {
  test('is told again after a failure', async () => {
    const clock = fakeClock(AT);
    let away = true;
    let told = 0;
    const state = createStatePublisher({
      clock,
      log: silentLogger(),
      states: (at) => [
        {
          ...PAPER,
          cashMicros: NO_HOLDINGS.account.cashMicros,
          exposureMicros: NO_HOLDINGS.account.cashMicros,
          equityMicros: null,
          realizedPnlMicros: NO_HOLDINGS.account.cashMicros,
          unrealizedPnlMicros: null,
          feesMicros: NO_HOLDINGS.account.feesMicros,
          openPositions: 0,
          unpricedPositions: 0,
          version: 1,
          at: at.toISOString(),
        },
      ],
      send: async () => {
        if (away) throw new Error('no bus');
        told += 1;
      },
    });
    state.changed();
    await clock.advance(999);
    away = false;
    expect(told).toBe(0);
    await clock.advance(1);
    expect(told).toBe(1);
    expect(clock.pending()).toEqual([]);
  });
});
