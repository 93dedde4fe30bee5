import { encode, newTrace } from '@slipstream/bus';
import type { Database, OutboxRow } from '@slipstream/db';
import { OUTBOX, TABLES } from '@slipstream/db/ingest';
import { copyMarketMeta, copyMarketResolved, type MarketMeta, type MarketResolved } from '@slipstream/proto';

/** Stores what is new about tokens, with its messages; a version that is there already is no news. */
export function storeMetas(db: Database, metas: readonly MarketMeta[]): Promise<OutboxRow[]> {
  return db.tx(async (sql) => {
    const rows: OutboxRow[] = [];
    for (const meta of metas) {
      const message = encode(copyMarketMeta, meta, newTrace(`meta:${meta.tokenId}`));
      const changed = await sql.query(
        `insert into ${TABLES.market} (token_id, condition_id, body, version, fetched_at) values ($1, $2, $3, $4, $5)
           on conflict (token_id) do update set body = excluded.body, version = excluded.version, fetched_at = excluded.fetched_at
           where market.version <> excluded.version returning token_id`,
        [meta.tokenId, meta.conditionId, message.payload, meta.version, meta.fetchedAt],
      );
      if (changed.length > 0) rows.push(...(await OUTBOX.append(sql, [message])));
    }
    return rows;
  });
}

/** Stores a resolution once, with its message. */
export function storeResolution(db: Database, resolved: MarketResolved, now: Date): Promise<OutboxRow[]> {
  return db.tx(async (sql) => {
    const message = encode(copyMarketResolved, resolved, newTrace(`resolved:${resolved.conditionId}`));
    const fresh = await sql.query(
      `insert into ${TABLES.resolution} (condition_id, body, resolved_at, published_at) values ($1, $2, $3, $4)
         on conflict (condition_id) do nothing returning condition_id`,
      [resolved.conditionId, message.payload, resolved.resolvedAt, now],
    );
    return fresh.length === 0 ? [] : OUTBOX.append(sql, [message]);
  });
}

/** Conditions that are paid out already: nobody asks for them again. */
export async function readResolved(db: Database): Promise<string[]> {
  const rows = await db.query<{ condition_id: string }>(`select condition_id from ${TABLES.resolution}`);
  return rows.map((row) => row.condition_id);
}
