import { encode, newTrace, stampHop, withHop } from '@slipstream/bus';
import { type Database, type Insert, insertTogether, type OutboxRow, type Sql } from '@slipstream/db';
import { OUTBOX, TABLES } from '@slipstream/db/ingest';
import { type ShareMicros, shares, type UsdMicros, usd, vwap } from '@slipstream/money';
import { copyLeaderTrade, type LeaderTrade, type TradeSource, tradePartId } from '@slipstream/proto';
import type { ChainTrade } from '../core/chain/chain-trade.ts';
import { type Growth, NOTHING_PUBLISHED, type Published } from '../core/merge.ts';
import type { Observation } from '../core/observation.ts';
import { storeChainTrades } from './chain.ts';
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

/** That a source saw a trade for the first time, in any of our lives. */
type FirstSight = { readonly tradeId: string; readonly source: TradeSource };

/**
 * When each source first saw each trade, and how much of it it has shown; and `alongside` in the same round trip. Gives
 * the sightings that are new.
 */
async function writeSightings(
  sql: Sql,
  observations: readonly Observation[],
  seenAt: Date,
  alongside: Insert,
): Promise<FirstSight[]> {
  const latest = new Map<string, Observation>();
  for (const o of observations) {
    const key = `${o.tradeId} ${o.source}`;
    const known = latest.get(key);
    if (known === undefined || known.figure.sizeMicros < o.figure.sizeMicros) latest.set(key, o);
  }
  const sightings = {
    table: TABLES.sighting,
    columns: SIGHTING_COLUMNS,
    rows: [...latest.values()].map((o) => [
      o.tradeId,
      o.source,
      o.identity.wallet,
      o.figure.sizeMicros,
      new Date(o.occurredAtMs),
      seenAt,
    ]),
    // A row that was inserted just now has no earlier version, which is what `xmax` would name.
    suffix: `on conflict (base_id, source) do update set size_micros = greatest(sighting.size_micros, excluded.size_micros)
       returning base_id, source, xmax = 0 as is_new`,
  };
  const rows = await insertTogether<{ base_id: string; source: TradeSource; is_new: boolean }>(sql, [
    alongside,
    sightings,
  ]);
  return rows.flatMap((row) => (row.is_new ? [{ tradeId: row.base_id, source: row.source }] : []));
}

/** What is stored together: what sources saw, what the chain says of it, and how far the sources are read with it. */
export type Seen = {
  readonly observations: readonly Observation[];
  readonly chain: readonly ChainTrade[];
  readonly cursors: readonly CursorMove[];
};

export type Stored = {
  /** To publish. */
  readonly rows: OutboxRow[];
  readonly firstSights: readonly FirstSight[];
  readonly parts: readonly NewPart[];
};

/**
 * Stores new parts, their outgoing messages and the cursors of what was read in one transaction; baseline parts have
 * no message. Redelivery-safe: a part's unique key decides, and `decide` runs again on a conflict with fresh totals.
 */
export function storeParts(
  db: Database,
  seen: Seen,
  seenAt: Date,
  decide: (published: Map<string, Published>) => readonly NewPart[],
): Promise<Stored> {
  const ids = [...new Set(seen.observations.map((o) => o.tradeId))];
  return db.tx(async (sql) => {
    const parts = decide(await readPublished(sql, ids));
    const messages = parts.map((part) => ({ part, message: messageOf(part) }));
    const rows = messages.map(({ part, message }) => rowOf(part, message));
    const trades = { table: TABLES.leaderTrade, columns: TRADE_COLUMNS, rows };
    const firstSights = await writeSightings(sql, seen.observations, seenAt, trades);
    for (const cursor of seen.cursors) await moveCursor(sql, cursor, seenAt);
    const compensations = await storeChainTrades(sql, seen.chain, seenAt);
    const outgoing = messages.flatMap(({ part, message }) => {
      if (part.baseline) return [];
      const trace = withHop(newTrace(message.tradeId), 'seen', part.observation.seenAtMicros);
      return [encode(copyLeaderTrade, message, trace)];
    });
    return { rows: await OUTBOX.append(sql, [...outgoing, ...compensations]), firstSights, parts };
  });
}

/** The moment when a stored trade is handed to the bus. */
export const stampPublished = (rows: readonly OutboxRow[]): OutboxRow[] =>
  rows.map((row) => stampHop(row, 'published'));
