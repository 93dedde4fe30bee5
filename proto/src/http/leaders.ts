import { z } from 'zod';
import { LiveOverride, TradingMode } from '../modes.ts';
import { Id, Instant, Wallet } from '../scalars.ts';
import { LEADER_WALLETS_MAX } from '../switches.ts';
import { WalletAnyCase } from './filters.ts';
import { After, Limit, pageOf } from './paging.ts';

const Label = z.string().trim().min(1).max(80);

export const LeadersQuery = z.strictObject({ limit: Limit, after: After });
export type LeadersQuery = z.infer<typeof LeadersQuery>;

export const LeaderItem = z.strictObject({
  id: Id,
  label: z.string(),
  wallets: z.array(Wallet).min(1).max(LEADER_WALLETS_MAX),
  enabled: z.boolean(),
  liveOverride: LiveOverride,
  entriesPaused: z.boolean().describe('No new positions from him, in both modes; exits run.'),
  stopClearedAt: z
    .strictObject({ PAPER: Instant.nullable(), LIVE: Instant.nullable() })
    .describe('When a person last cleared his capital stop, by mode.'),
  followedAt: Instant.describe('History before this instant is recorded and never copied.'),
  walletsAddedAt: z
    .record(Wallet, Instant)
    .describe('Wallets that he got later, and since when they are followed.'),
  version: z.int().min(1),
  changedAt: Instant,
  changedBy: z.string(),
});
export type LeaderItem = z.infer<typeof LeaderItem>;

export const LeadersPage = pageOf(LeaderItem);

/** Starts to follow a leader; his id is derived from his first wallet. */
export const FollowLeader = z.strictObject({
  wallets: z.array(WalletAnyCase).min(1).max(LEADER_WALLETS_MAX),
  label: Label.optional(),
  enabled: z.boolean().optional().describe('True when left out.'),
});
export type FollowLeader = z.infer<typeof FollowLeader>;

export const ChangeLeader = z
  .strictObject({
    enabled: z.boolean().optional(),
    label: Label.optional(),
    liveOverride: LiveOverride.optional(),
    entriesPaused: z.boolean().optional(),
    wallets: z
      .array(WalletAnyCase)
      .min(1)
      .max(LEADER_WALLETS_MAX)
      .optional()
      .describe('All of his wallets: those that are new are followed from now on, those left out no more.'),
  })
  .refine((change) => Object.values(change).some((value) => value !== undefined), {
    message: 'wants at least one of enabled, label, liveOverride, entriesPaused, wallets',
  });
export type ChangeLeader = z.infer<typeof ChangeLeader>;

/** Clears a capital stop that has tripped: the leader's line begins anew. */
export const ClearStop = z.strictObject({ tradingMode: TradingMode });
export type ClearStop = z.infer<typeof ClearStop>;
