import type { Database } from '../client.ts';
import { type Models, modelsOf } from '../models.ts';
import { outboxOf } from '../outbox.ts';

/** Tables that only ingest writes. */
export const TABLES = {
  leaderTrade: 'ingest.leader_trade',
  sighting: 'ingest.sighting',
  chainLog: 'ingest.chain_log',
  chainCursor: 'ingest.chain_cursor',
  removal: 'ingest.removal',
  leaderActivity: 'ingest.leader_activity',
  cursor: 'ingest.cursor',
  market: 'ingest.market',
  resolution: 'ingest.resolution',
} as const;

export const OUTBOX = outboxOf('ingest');

type Own =
  | 'leaderTrade'
  | 'sighting'
  | 'chainLog'
  | 'chainCursor'
  | 'removal'
  | 'leaderActivity'
  | 'cursor'
  | 'market'
  | 'marketResolution';

export const ingestModels = (db: Database): Promise<Models<Own>> => modelsOf<Own>(db);
