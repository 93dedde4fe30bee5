import { encode, newTrace, stampHop, withHop } from '@slipstream/bus';
import {
  type Database,
  type Insert,
  insertTogether,
  isUniqueViolation,
  type OutboxMessage,
  type OutboxRow,
  type Sql,
} from '@slipstream/db';
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

type KnownRow = {
  readonly base_id: string;
  readonly size: bigint | null;
  readonly notional: bigint | null;
  readonly parts: bigint;
  readonly sources: readonly TradeSource[] | null;
};

/** What is stored of these trades already. */
type KnownTrades = {
  readonly published: Map<string, Published>;
  /** Who has seen which of them before, as `sightOf` names it. */
  readonly seenBefore: ReadonlySet<string>;
};

const sightOf = (tradeId: string, source: TradeSource): string => `${tradeId} ${source}`;

/** What is already published of these trades, and who has seen them; those never seen have nothing. */
async function readKnown(sql: Sql, tradeIds: readonly string[]): Promise<KnownTrades> {
  const rows = await sql.query<KnownRow>(
    `select w.base_id, t.size, t.notional, t.parts, s.sources from unnest($1::text[]) w(base_id)
       cross join lateral (select sum(size_micros)::bigint as size, sum(notional_micros)::bigint as notional, count(*) as parts
         from ${TABLES.leaderTrade} where base_id = w.base_id) t
       cross join lateral (select array_agg(source) as sources from ${TABLES.sighting} where base_id = w.base_id) s`,
    [tradeIds],
  );
  const published = new Map<string, Published>();
  for (const { base_id, size, notional, parts } of rows) {
    const figure: { sizeMicros: ShareMicros; notionalMicros: UsdMicros } = {
      sizeMicros: shares(size ?? 0n),
      notionalMicros: usd(notional ?? 0n),
    };
    published.set(base_id, parts === 0n ? NOTHING_PUBLISHED : { ...figure, parts: Number(parts) });
  }
  const sights = rows.flatMap(({ base_id, sources }) =>
    (sources ?? []).map((source) => sightOf(base_id, source)),
  );
  return { published, seenBefore: new Set(sights) };
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

/** Of each source's observations of a trade the one that shows most of it. */
function latestOf(observations: readonly Observation[]): readonly Observation[] {
  const latest = new Map<string, Observation>();
  for (const o of observations) {
    const key = sightOf(o.tradeId, o.source);
    const known = latest.get(key);
    if (known === undefined || known.figure.sizeMicros < o.figure.sizeMicros) latest.set(key, o);
  }
  return [...latest.values()];
}

/** When each source first saw each trade, and how much of it it has shown. */
const sightingsOf = (latest: readonly Observation[], seenAt: Date): Insert => ({
  table: TABLES.sighting,
  columns: SIGHTING_COLUMNS,
  rows: latest.map((o) => [
    o.tradeId,
    o.source,
    o.identity.wallet,
    o.figure.sizeMicros,
    new Date(o.occurredAtMs),
    seenAt,
  ]),
  suffix: `on conflict (base_id, source) do update
    set size_micros = greatest(sighting.size_micros, excluded.size_micros)`,
});

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

type Decide = (published: Map<string, Published>) => readonly NewPart[];

/** What is written of these observations, given what is stored of them already. */
function writing(seen: Seen, seenAt: Date, { published, seenBefore }: KnownTrades, decide: Decide) {
  const parts = decide(published);
  const messages = parts.map((part) => ({ part, message: messageOf(part) }));
  const rows = messages.map(({ part, message }) => rowOf(part, message));
  const latest = latestOf(seen.observations);
  const outgoing = messages.flatMap(({ part, message }) => {
    if (part.baseline) return [];
    const trace = withHop(newTrace(message.tradeId), 'seen', part.observation.seenAtMicros);
    return [encode(copyLeaderTrade, message, trace)];
  });
  return {
    parts,
    tables: [{ table: TABLES.leaderTrade, columns: TRADE_COLUMNS, rows }, sightingsOf(latest, seenAt)],
    outgoing,
    firstSights: latest.filter((o) => !seenBefore.has(sightOf(o.tradeId, o.source))),
  };
}

/**
 * Stores trades that nobody has seen yet, as far as we remember, in one statement and without a look at what is there: the
 * first part of a trade has a key of its own, so that nothing is stored if we remember wrongly. Null: so it was.
 */
export async function storeFresh(
  sql: Sql,
  observations: readonly Observation[],
  seenAt: Date,
  decide: Decide,
): Promise<Stored | null> {
  const seen: Seen = { observations, chain: [], cursors: [] };
  const known: KnownTrades = { published: new Map(), seenBefore: new Set() };
  const { parts, tables, outgoing, firstSights } = writing(seen, seenAt, known, decide);
  try {
    return { rows: await OUTBOX.append(sql, outgoing, tables), firstSights, parts };
  } catch (error) {
    if (isUniqueViolation(error)) return null;
    throw error;
  }
}

/**
 * Stores new parts, their outgoing messages and the cursors of what was read in one transaction; baseline parts have
 * no message. Redelivery-safe: a part's unique key decides, and `decide` runs again on a conflict with fresh totals.
 */
export function storeParts(db: Database, seen: Seen, seenAt: Date, decide: Decide): Promise<Stored> {
  const ids = [...new Set(seen.observations.map((o) => o.tradeId))];
  return db.tx(async (sql) => {
    const known = await readKnown(sql, ids);
    const { parts, tables, outgoing, firstSights } = writing(seen, seenAt, known, decide);
    for (const cursor of seen.cursors) await moveCursor(sql, cursor, seenAt);
    return { rows: await store(sql, seen, seenAt, tables, outgoing), firstSights, parts };
  });
}

/** Writes all of it and gives what is to be published: one round trip, unless the chain says something of its own. */
async function store(
  sql: Sql,
  { chain }: Seen,
  seenAt: Date,
  tables: readonly Insert[],
  outgoing: readonly OutboxMessage[],
): Promise<OutboxRow[]> {
  if (chain.length === 0) return OUTBOX.append(sql, outgoing, tables);
  // What the chain takes back is reckoned from the trades as they are now.
  await insertTogether(sql, tables);
  return OUTBOX.append(sql, [...outgoing, ...(await storeChainTrades(sql, chain, seenAt))]);
}

/** The moment when a stored trade is handed to the bus. */
export const stampPublished = (rows: readonly OutboxRow[]): OutboxRow[] =>
  rows.map((row) => stampHop(row, 'published'));
