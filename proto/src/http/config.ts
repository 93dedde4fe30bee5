import { z } from 'zod';
import { LeaderConfig, ModeConfig } from '../config/mode-config.ts';
import { LeaderRules, Rules } from '../config/rules.ts';
import { TradingMode } from '../modes.ts';
import { Id } from '../scalars.ts';
import { ModeOfAccount } from './filters.ts';
import { After, Limit } from './paging.ts';

const LeaderMeant = Id.optional().describe('What this leader has otherwise than the mode: his id.');

export const ConfigQuery = z.strictObject({ tradingMode: ModeOfAccount, leader: LeaderMeant });
export type ConfigQuery = z.infer<typeof ConfigQuery>;

/** Whose rules, and which page of what became of them. */
export const ConfigHistoryQuery = z.strictObject({
  tradingMode: ModeOfAccount,
  leader: LeaderMeant,
  limit: Limit,
  after: After,
});
export type ConfigHistoryQuery = z.infer<typeof ConfigHistoryQuery>;

/** The rules of a mode, or for a leader his own fields and what they come to. */
export const ConfigReply = z.strictObject({
  mode: ModeConfig,
  own: LeaderConfig.nullable().describe('Null: the leader inherits everything, or nobody asked for one.'),
  effective: Rules,
});
export type ConfigReply = z.infer<typeof ConfigReply>;

const Version = z
  .int()
  .min(0)
  .describe('The version that the change was made on; 0 for a leader without rules of his own.');

/** All rules of a mode. */
export const ChangeConfig = z.strictObject({ tradingMode: TradingMode, version: Version, rules: Rules });
export type ChangeConfig = z.infer<typeof ChangeConfig>;

/** The fields that one leader has otherwise; with none of them he inherits everything. */
export const ChangeLeaderConfig = z.strictObject({
  tradingMode: TradingMode,
  version: Version.default(0),
  rules: LeaderRules.nullable().describe('Null or nothing in it: he inherits everything.'),
});
export type ChangeLeaderConfig = z.infer<typeof ChangeLeaderConfig>;

/** Gives one mode the rules of the other. */
export const CopyConfig = z.strictObject({ from: TradingMode, to: TradingMode, version: Version });
export type CopyConfig = z.infer<typeof CopyConfig>;
