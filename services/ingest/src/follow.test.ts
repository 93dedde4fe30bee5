import type { Leader } from '@slipstream/proto';
import { describe, expect, test } from 'vitest';
import { openFollowed } from './follow.ts';

const leader = (wallets: string[]): Leader => ({
  leaderId: 'anna',
  label: 'Anna',
  wallets,
  enabled: true,
  liveOverride: 'INHERIT',
  entriesPaused: false,
  stopClearedAt: { PAPER: null, LIVE: null },
  walletsAddedAt: {},
  followedAt: '2026-06-01T12:00:00.000Z',
  version: 1,
});

describe('followed wallets', () => {
  test('each is told of once, and belongs to its leader', () => {
    const told: string[] = [];
    const followed = openFollowed((wallet) => told.push(wallet));
    followed.onLeader('anna', leader(['0x1', '0x2']));
    followed.onLeader('anna', { ...leader(['0x1', '0x2']), version: 2 });
    expect(told).toEqual(['0x1', '0x2']);
    expect(followed.ownerOf('0x2')).toEqual({ leaderId: 'anna', followedAtMs: 1_780_315_200_000 });
  });

  test('a wallet that is taken away is watched no longer, and told of again when it comes back', () => {
    const told: string[] = [];
    const followed = openFollowed((wallet) => told.push(wallet));
    followed.onLeader('anna', leader(['0x1', '0x2']));
    followed.onLeader('anna', leader(['0x2']));
    expect([followed.ownerOf('0x1'), followed.wallets()]).toEqual([undefined, ['0x2']]);
    followed.onLeader('anna', null);
    expect(followed.wallets()).toEqual([]);
    followed.onLeader('anna', leader(['0x1']));
    expect(told).toEqual(['0x1', '0x2', '0x1']);
  });
});
