import type { Leader } from '@slipstream/proto';
import type { LeaderItem } from '@slipstream/proto/http';

/** A leader as the other services know him. */
export const leaderDocument = (leader: LeaderItem): Leader => ({
  leaderId: leader.id,
  label: leader.label,
  wallets: [...leader.wallets],
  enabled: leader.enabled,
  liveOverride: leader.liveOverride,
  entriesPaused: leader.entriesPaused,
  stopClearedAt: leader.stopClearedAt,
  followedAt: leader.followedAt,
  walletsAddedAt: leader.walletsAddedAt,
  version: leader.version,
});
