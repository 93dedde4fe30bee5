import { encode, newTrace } from '@slipstream/bus';
import { type Database, insertRows, type OutboxRow } from '@slipstream/db';
import { OUTBOX, TABLES } from '@slipstream/db/ingest';
import { copyLeaderActivity, type LeaderActivity } from '@slipstream/proto';

const COLUMNS = [
  ['activity_id', 'text'],
  ['leader_id', 'text'],
  ['wallet', 'text'],
  ['type', 'text'],
  ['token_id', 'text'],
  ['condition_id', 'text'],
  ['size_micros', 'bigint'],
  ['notional_micros', 'bigint'],
  ['transaction_hash', 'text'],
  ['occurred_at', 'timestamptz'],
  ['detected_at', 'timestamptz'],
  ['source', 'text'],
] as const;

const rowOf = (a: LeaderActivity): readonly unknown[] => [
  a.activityId,
  a.leaderId,
  a.wallet,
  a.type,
  a.tokenId,
  a.conditionId,
  a.sizeMicros,
  a.notionalMicros,
  a.transactionHash,
  a.occurredAt,
  a.detectedAt,
  a.source,
];

/** Records activities that are not trades, each once, with its outgoing message unless it is history. */
export function storeActivities(
  db: Database,
  activities: readonly (LeaderActivity & { readonly baseline: boolean })[],
): Promise<OutboxRow[]> {
  return db.tx(async (sql) => {
    const inserted = await insertRows<{ activity_id: string }>(
      sql,
      TABLES.leaderActivity,
      COLUMNS,
      activities.map(rowOf),
      'on conflict do nothing returning activity_id',
    );
    const fresh = new Set(inserted.map((row) => row.activity_id));
    const outgoing = activities.flatMap(({ baseline, ...activity }) =>
      baseline || !fresh.has(activity.activityId)
        ? []
        : [encode(copyLeaderActivity, activity, newTrace(activity.activityId))],
    );
    return OUTBOX.append(sql, outgoing);
  });
}
