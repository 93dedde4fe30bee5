import { insertRows, type Sql } from '@slipstream/db';
import { price, shares, usd } from '@slipstream/money';
import type { Holding } from '../core/entry.ts';
import type { Position } from '../core/position.ts';
import { type AccountId, type Changed, positionKey } from '../core/post.ts';
import type { Mark } from '../core/value.ts';

type PositionRow = {
  readonly leader_id: string | null;
  readonly token_id: string;
  readonly condition_id: string;
  readonly shares_micros: bigint;
  readonly cost_micros: bigint;
  readonly realized_pnl_micros: bigint;
  readonly fees_micros: bigint;
  readonly episode: number;
  readonly opened_at: Date;
  readonly mark_micros: bigint | null;
  readonly mark_at: Date | null;
  readonly mark_source: string | null;
};

const COLUMNS_READ =
  'p.leader_id, p.token_id, p.condition_id, p.shares_micros, p.cost_micros, p.realized_pnl_micros, p.fees_micros, ' +
  'p.episode, p.opened_at, p.mark_micros, p.mark_at, p.mark_source';

export type StoredPosition = {
  readonly holding: Holding;
  readonly position: Position;
  readonly mark: Mark | null;
};

const markFrom = ({ mark_micros, mark_at, mark_source }: PositionRow): Mark | null =>
  mark_micros === null || mark_at === null || mark_source === null
    ? null
    : { priceMicros: price(mark_micros), at: mark_at, source: mark_source };

const storedFrom = (row: PositionRow): StoredPosition => ({
  holding: { leaderId: row.leader_id, tokenId: row.token_id, conditionId: row.condition_id },
  position: {
    sharesMicros: shares(row.shares_micros),
    costMicros: usd(row.cost_micros),
    realizedPnlMicros: usd(row.realized_pnl_micros),
    feesMicros: usd(row.fees_micros),
    episode: row.episode,
    openedAt: row.opened_at,
  },
  mark: markFrom(row),
});

/** The positions that a booking is about, by `positionKey`. The account's lock keeps them still. */
export async function readPositions(
  sql: Sql,
  { mode, scope }: AccountId,
  holdings: readonly Holding[],
): Promise<ReadonlyMap<string, Position>> {
  const wanted = [...new Map(holdings.map((holding) => [positionKey(holding), holding])).values()];
  if (wanted.length === 0) return new Map();
  const rows = await sql.query<PositionRow>(
    `select ${COLUMNS_READ} from unnest($3::text[], $4::text[]) as w(leader_id, token_id)
     join portfolio.position p on p.mode = $1 and p.scope = $2 and p.token_id = w.token_id
       and p.leader_id is not distinct from w.leader_id`,
    [mode, scope, wanted.map((w) => w.leaderId), wanted.map((w) => w.tokenId)],
  );
  return new Map(rows.map(storedFrom).map((stored) => [positionKey(stored.holding), stored.position]));
}

/** What is held in these conditions. */
export async function readHeldIn(
  sql: Sql,
  { mode, scope }: AccountId,
  conditionIds: readonly string[],
): Promise<Holding[]> {
  const rows = await sql.query<PositionRow>(
    `select ${COLUMNS_READ} from portfolio.position p where p.mode = $1 and p.scope = $2
       and p.condition_id = any($3::text[]) and p.shares_micros <> 0 order by p.token_id, p.leader_id nulls first`,
    [mode, scope, conditionIds],
  );
  return rows.map((row) => storedFrom(row).holding);
}

const UPSERT_COLUMNS = [
  ['mode', 'text'],
  ['scope', 'text'],
  ['leader_id', 'text'],
  ['token_id', 'text'],
  ['condition_id', 'text'],
  ['shares_micros', 'bigint'],
  ['cost_micros', 'bigint'],
  ['realized_pnl_micros', 'bigint'],
  ['fees_micros', 'bigint'],
  ['episode', 'integer'],
  ['opened_at', 'timestamptz'],
  ['mark_micros', 'bigint'],
  ['mark_at', 'timestamptz'],
  ['mark_source', 'text'],
  ['version', 'bigint'],
  ['updated_at', 'timestamptz'],
] as const;

const UPSERT = `on conflict (mode, scope, leader_id, token_id) do update set
  shares_micros = excluded.shares_micros, cost_micros = excluded.cost_micros,
  realized_pnl_micros = excluded.realized_pnl_micros, fees_micros = excluded.fees_micros,
  episode = excluded.episode, opened_at = excluded.opened_at, version = excluded.version,
  updated_at = excluded.updated_at,
  mark_micros = coalesce(excluded.mark_micros, position.mark_micros),
  mark_at = coalesce(excluded.mark_at, position.mark_at),
  mark_source = coalesce(excluded.mark_source, position.mark_source)`;

/** Writes changed positions in the order of their keys, with a mark where one is known. */
export async function writePositions(
  sql: Sql,
  { mode, scope }: AccountId,
  changed: readonly Changed[],
  markFor: (change: Changed) => Mark | null,
  now: Date,
): Promise<void> {
  const sorted = [...changed].sort((a, b) => (positionKey(a.holding) < positionKey(b.holding) ? -1 : 1));
  const rows = sorted.map((change) => {
    const { holding, after, version } = change;
    const mark = markFor(change);
    return [
      mode,
      scope,
      holding.leaderId,
      holding.tokenId,
      holding.conditionId,
      after.sharesMicros,
      after.costMicros,
      after.realizedPnlMicros,
      after.feesMicros,
      after.episode,
      after.openedAt,
      mark?.priceMicros ?? null,
      mark?.at ?? null,
      mark?.source ?? null,
      version,
      now,
    ];
  });
  await insertRows(sql, 'portfolio.position', UPSERT_COLUMNS, rows, UPSERT);
}

/** What is held now, with the marks that were stored last. */
export async function readOpen(sql: Sql, { mode, scope }: AccountId): Promise<StoredPosition[]> {
  const rows = await sql.query<PositionRow>(
    `select ${COLUMNS_READ} from portfolio.position p where p.mode = $1 and p.scope = $2 and p.shares_micros <> 0`,
    [mode, scope],
  );
  return rows.map(storedFrom);
}

export type LeaderTotals = {
  readonly leaderId: string | null;
  readonly realizedPnlMicros: bigint;
  readonly costMicros: bigint;
  readonly feesMicros: bigint;
};

/** The sums over each leader's positions, open or not. As many rows are read as positions were ever held, once. */
export const readLeaderTotals = async (sql: Sql, { mode, scope }: AccountId): Promise<LeaderTotals[]> =>
  (
    await sql.query<{ leader_id: string | null; realized: bigint; cost: bigint; fees: bigint }>(
      `select leader_id, sum(realized_pnl_micros)::bigint as realized, sum(cost_micros)::bigint as cost,
         sum(fees_micros)::bigint as fees
       from portfolio.position where mode = $1 and scope = $2 group by leader_id`,
      [mode, scope],
    )
  ).map((row) => ({
    leaderId: row.leader_id,
    realizedPnlMicros: row.realized,
    costMicros: row.cost,
    feesMicros: row.fees,
  }));

/** Stores the marks that a snapshot was taken with. The account must be locked. */
export async function writeMarks(
  sql: Sql,
  { mode, scope }: AccountId,
  marked: readonly { readonly holding: Holding; readonly mark: Mark }[],
): Promise<void> {
  if (marked.length === 0) return;
  await sql.query(
    `update portfolio.position p set mark_micros = v.mark, mark_at = v.at, mark_source = v.source
     from unnest($3::text[], $4::text[], $5::bigint[], $6::timestamptz[], $7::text[])
       as v(leader_id, token_id, mark, at, source)
     where p.mode = $1 and p.scope = $2 and p.token_id = v.token_id and p.leader_id is not distinct from v.leader_id`,
    [
      mode,
      scope,
      marked.map(({ holding }) => holding.leaderId),
      marked.map(({ holding }) => holding.tokenId),
      marked.map(({ mark }) => mark.priceMicros),
      marked.map(({ mark }) => mark.at),
      marked.map(({ mark }) => mark.source),
    ],
  );
}
