import type { Database } from '../client.ts';
import { type Models, modelsOf } from '../models.ts';
import { outboxOf } from '../outbox.ts';

/** Tables that only the decider writes. */
export const TABLES = {
  leaderGroup: 'decider.leader_group',
  groupPart: 'decider.group_part',
  leaderPosition: 'decider.leader_position',
  copyAttempt: 'decider.copy_attempt',
  capitalStop: 'decider.capital_stop',
  desk: 'decider.desk',
} as const;

export const OUTBOX = outboxOf('decider');

type Own = 'leaderGroup' | 'groupPart' | 'leaderPosition' | 'copyAttempt' | 'capitalStop' | 'desk';

export const deciderModels = (db: Database): Promise<Models<Own>> => modelsOf<Own>(db);
