import { z } from 'zod';
import { LiveOverride, LiveTradingState } from './modes.ts';
import { Id, Instant, Text, Wallet } from './scalars.ts';

/** The global switches. A reader that has none of them takes paper paused and live OFF. */
export const Switches = z.strictObject({
  copyEngineEnabled: z.boolean(),
  liveTradingState: LiveTradingState,
  version: z.int().min(1),
  changedAt: Instant,
  changedBy: Text,
});
export type Switches = z.infer<typeof Switches>;

/** Wallets that one leader may have. */
export const LEADER_WALLETS_MAX = 16;

/** A followed leader and his own switches. */
export const Leader = z.strictObject({
  leaderId: Id,
  label: z.string().min(1).max(80),
  wallets: z.array(Wallet).min(1).max(LEADER_WALLETS_MAX),
  enabled: z.boolean(),
  liveOverride: LiveOverride,
  /** History before this instant is recorded and never copied. */
  followedAt: Instant,
  version: z.int().min(1),
});
export type Leader = z.infer<typeof Leader>;
