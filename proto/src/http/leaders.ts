import { z } from 'zod';
import { LiveOverride } from '../modes.ts';
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
  followedAt: Instant.describe('History before this instant is recorded and never copied.'),
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
  .strictObject({ enabled: z.boolean().optional(), label: Label.optional() })
  .refine((change) => change.enabled !== undefined || change.label !== undefined, {
    message: 'wants at least one of enabled, label',
  });
export type ChangeLeader = z.infer<typeof ChangeLeader>;
