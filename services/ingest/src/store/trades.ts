import { encode, newTrace, stampHop, withHop } from '@slipstream/bus';
import { type Database, insertRows, type OutboxRow, type Sql } from '@slipstream/db';
import { OUTBOX, TABLES } from '@slipstream/db/ingest';
import { type ShareMicros, shares, type UsdMicros, usd, vwap } from '@slipstream/money';
import { copyLeaderTrade, type LeaderTrade, tradePartId } from '@slipstream/proto';
import { type Growth, NOTHING_PUBLISHED, type Published } from '../core/merge.ts';
import type { Observation } from '../core/observation.ts';
import { type CursorMove, moveCursor } from './cursors.ts';

/** A part of a trade that is new, and whom it belongs to. */
export type NewPart = {
  readonly observation: Observation;
  readonly growth: Growth;
  readonly leaderId: string;
  readonly baseline: boolean;
  readonly detectedAt: Date;
};

const TRADE_COLUMNS = [
  ['trade_id', 'text'],
  ['base_id', 'text'],
  ['part', 'int'],
  ['leader_id', 'text'],
  ['wallet', 'text'],
  ['token_id', 'text'],
  ['condition_id', 'text'],
  ['outcome', 'text'],
  ['side', 'text'],
  ['size_micros', 'bigint'],
  ['notional_micros', 'bigint'],
  ['price_micros', 'bigint'],
  ['transaction_hash', 'text'],
  ['occurred_at', 'timestamptz'],
  ['detected_at', 'timestamptz'],
  ['source', 'text'],
  ['baseline', 'boolean'],
  ['hops', 'jsonb'],
] as const;

const SIGHTING_COLUMNS = [
  ['base_id', 'text'],
  ['source', 'text'],
  ['wallet', 'text'],
  ['size_micros', 'bigint'],
  ['occurred_at', 'timestamptz'],
  ['seen_at', 'timestamptz'],
] as const;

type TotalRow = {
  readonly base_id: string;
  readonly size: bigint;
  readonly notional: bigint;
  readonly parts: bigint;
};

/** What is already published of these trades; those never seen have nothing. */
async function readPublished(sql: Sql, tradeIds: readonly string[]): Promise<Map<string, Published>> {
  const rows = await sql.query<TotalRow>(
    `select base_id, sum(size_micros)::bigint as size, sum(notional_micros)::bigint as notional, count(*) as parts
       from ${TABLES.leaderTrade} where base_id = any($1) group by base_id`,
    [tradeIds],
  );
  const published = new Map<string, Published>(tradeIds.map((id) => [id, NOTHING_PUBLISHED]));
  for (const row of rows) {
    const figure: { sizeMicros: ShareMicros; notionalMicros: UsdMicros } = {
      sizeMicros: shares(row.size),
      notionalMicros: usd(row.notional),
    };
    published.set(row.base_id, { ...figure, parts: Number(row.parts) });
  }
  return published;
}

function messageOf({ observation: o, growth, leaderId, detectedAt }: NewPart): LeaderTrade {
  return {
    tradeId: tradePartId(o.tradeId, growth.part),
    part: growth.part,
    leaderId,
    ...o.identity,
    conditionId: o.conditionId,
    outcome: o.outcome,
    sizeMicros: growth.sizeMicros,
    notionalMicros: growth.notionalMicros,
    priceMicros: vwap(growth.notionalMicros, growth.sizeMicros),
    occurredAt: new Date(o.occurredAtMs).toISOString(),
    detectedAt: detectedAt.toISOString(),
    source: o.source,
  };
}

const rowOf = (part: NewPart, m: LeaderTrade): readonly unknown[] => [
  m.tradeId,
  part.observation.tradeId,
  m.part,
  m.leaderId,
  m.wallet,
  m.tokenId,
  m.conditionId,
  m.outcome,
  m.side,
  m.sizeMicros,
  m.notionalMicros,
  m.priceMicros,
  m.transactionHash,
  m.occurredAt,
  m.detectedAt,
  m.source,
  part.baseline,
  { seen: part.observation.seenAtMicros },
];

/** When each source first saw each trade, and how much of it it has shown. */
async function writeSightings(sql: Sql, observations: readonly Observation[], seenAt: Date): Promise<void> {
  const latest = new Map<string, Observation>();
  for (const o of observations) {
    const key = `${o.tradeId} ${o.source}`;
    const known = latest.get(key);
    if (known === undefined || known.figure.sizeMicros < o.figure.sizeMicros) latest.set(key, o);
  }
  await insertRows(
    sql,
    TABLES.sighting,
    SIGHTING_COLUMNS,
    [...latest.values()].map((o) => [
      o.tradeId,
      o.source,
      o.identity.wallet,
      o.figure.sizeMicros,
      new Date(o.occurredAtMs),
      seenAt,
    ]),
    `on conflict (base_id, source) do update set size_micros = greatest(sighting.size_micros, excluded.size_micros)`,
  );
}

/**
 * Stores new parts, their outgoing messages and the cursors of what was read in one transaction; baseline parts have
 * no message. Gives the rows to
 * publish. Redelivery-safe: a part's unique key decides, and `decide` runs again on a conflict with fresh totals.
 */
export function storeParts(
  db: Database,
  observations: readonly Observation[],
  cursors: readonly CursorMove[],
  seenAt: Date,
  decide: (published: Map<string, Published>) => readonly NewPart[],
): Promise<OutboxRow[]> {
  const ids = [...new Set(observations.map((o) => o.tradeId))];
  return db.tx(async (sql) => {
    const parts = decide(await readPublished(sql, ids));
    const messages = parts.map((part) => ({ part, message: messageOf(part) }));
    const rows = messages.map(({ part, message }) => rowOf(part, message));
    await insertRows(sql, TABLES.leaderTrade, TRADE_COLUMNS, rows);
    await writeSightings(sql, observations, seenAt);
    for (const cursor of cursors) await moveCursor(sql, cursor, seenAt);
    const outgoing = messages.flatMap(({ part, message }) => {
      if (part.baseline) return [];
      const trace = withHop(newTrace(message.tradeId), 'seen', part.observation.seenAtMicros);
      return [encode(copyLeaderTrade, message, trace)];
    });
    return OUTBOX.append(sql, outgoing);
  });
}

/** The moment when a stored trade is handed to the bus. */
export const stampPublished = (rows: readonly OutboxRow[]): OutboxRow[] =>
  rows.map((row) => stampHop(row, 'published'));
