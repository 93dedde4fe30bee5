import { z } from 'zod';
import { TradingMode } from '../modes.ts';
import { Id, Instant } from '../scalars.ts';
import { LeaderRules, Rules } from './rules.ts';

const stamps = {
  mode: TradingMode,
  version: z.int().min(1),
  changedAt: Instant,
  changedBy: z.string().max(200),
};

/** The rules of one mode for every leader, as stored and announced. */
export const ModeConfig = z.strictObject({ ...stamps, leaderId: z.null(), rules: Rules });
export type ModeConfig = z.infer<typeof ModeConfig>;

/** What one leader has otherwise in one mode. */
export const LeaderConfig = z.strictObject({ ...stamps, leaderId: Id, rules: LeaderRules });
export type LeaderConfig = z.infer<typeof LeaderConfig>;

export const ConfigDocument = z.union([ModeConfig, LeaderConfig]);
export type ConfigDocument = z.infer<typeof ConfigDocument>;

/** The key of a document in the bucket `config`. */
export const configKeyOf = (mode: TradingMode, leaderId: string | null): string =>
  leaderId === null ? `mode.${mode}` : `leader.${mode}.${leaderId}`;
