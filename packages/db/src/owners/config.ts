import type { Database } from '../client.ts';
import { type Models, modelsOf } from '../models.ts';

/** Tables that only the gateway writes. They go out as bucket values, so there is no outbox. */
export const TABLES = {
  leader: 'config.leader',
  leaderWallet: 'config.leader_wallet',
  modeConfig: 'config.mode_config',
  systemSwitches: 'config.system_switches',
  changeLog: 'config.change_log',
} as const;

type Own = 'leader' | 'leaderWallet' | 'modeConfig' | 'systemSwitches' | 'changeLog';

export const configModels = (db: Database): Promise<Models<Own>> => modelsOf<Own>(db);
