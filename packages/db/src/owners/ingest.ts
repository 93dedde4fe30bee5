import type { Database } from '../client.ts';
import { type Models, modelsOf } from '../models.ts';
import { outboxOf } from '../outbox.ts';

/** Tables that only ingest writes. */
export const TABLES = {
  leaderTrade: 'ingest.leader_trade',
  sighting: 'ingest.sighting',
  leaderActivity: 'ingest.leader_activity',
  cursor: 'ingest.cursor',
  market: 'ingest.market',
  resolution: 'ingest.resolution',
} as const;

export const OUTBOX = outboxOf('ingest');

type Own = 'leaderTrade' | 'sighting' | 'leaderActivity' | 'cursor' | 'market' | 'marketResolution';

export const ingestModels = (db: Database): Promise<Models<Own>> => modelsOf<Own>(db);
