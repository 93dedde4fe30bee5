import { z } from 'zod';
import { LiveOverride, LiveTradingState } from './modes.ts';
import { Id, Instant, Text, Wallet } from './scalars.ts';

/** The global switches. A reader that has none of them takes paper paused and live OFF. */
export const Switches = z.strictObject({
  copyEngineEnabled: z.boolean(),
  liveTradingState: LiveTradingState,
  /** No new positions, in both modes; exits run. */
  entriesPaused: z.boolean(),
  /** When a person last cleared a pause of live orders; a pause begun later stands. Null: never. */
  livePauseClearedAt: Instant.nullable(),
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
  /** No new positions from him, in both modes; exits run. */
  entriesPaused: z.boolean(),
  /** When a person last cleared his capital stop, by mode; his line begins anew there. Null: never. */
  stopClearedAt: z.strictObject({ PAPER: Instant.nullable(), LIVE: Instant.nullable() }),
  /** History before this instant is recorded and never copied. */
  followedAt: Instant,
  /** Wallets that he got later, and since when they are followed; one that is not named is followed since `followedAt`. */
  walletsAddedAt: z.record(Wallet, Instant),
  version: z.int().min(1),
});
export type Leader = z.infer<typeof Leader>;
