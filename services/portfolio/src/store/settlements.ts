import { insertRows, type Sql } from '@slipstream/db';
import { MarketResolved } from '@slipstream/proto';
import type { AccountId, Settled } from '../core/post.ts';

/** Keeps the first resolution of each condition; gives those that another one contradicts. */
export async function keepResolutions(
  sql: Sql,
  resolutions: readonly MarketResolved[],
  now: Date,
): Promise<readonly string[]> {
  const columns = [
    ['condition_id', 'text'],
    ['body', 'jsonb'],
    ['seen_at', 'timestamptz'],
  ] as const;
  const rows = resolutions.map((resolution) => [
    resolution.conditionId,
    MarketResolved.encode(resolution),
    now,
  ]);
  await insertRows(sql, 'portfolio.resolution', columns, rows, 'on conflict do nothing');
  const kept = await readResolutions(
    sql,
    resolutions.map((resolution) => resolution.conditionId),
  );
  const paying = (resolution: MarketResolved): string =>
    JSON.stringify([...resolution.payouts].sort((a, b) => (a.tokenId < b.tokenId ? -1 : 1)));
  return resolutions.flatMap((resolution) => {
    const first = kept.get(resolution.conditionId);
    return first !== undefined && paying(first) !== paying(resolution) ? [resolution.conditionId] : [];
  });
}

/** The resolutions that we know of these conditions. */
export async function readResolutions(
  sql: Sql,
  conditionIds: readonly string[],
): Promise<ReadonlyMap<string, MarketResolved>> {
  const rows = await sql.query<{ condition_id: string; body: unknown }>(
    'select condition_id, body from portfolio.resolution where condition_id = any($1::text[])',
    [conditionIds],
  );
  return new Map(rows.map((row) => [row.condition_id, MarketResolved.parse(row.body)]));
}

const COLUMNS = [
  ['mode', 'text'],
  ['scope', 'text'],
  ['leader_id', 'text'],
  ['token_id', 'text'],
  ['condition_id', 'text'],
  ['episode', 'integer'],
  ['numerator', 'text'],
  ['denominator', 'text'],
  ['shares_micros', 'bigint'],
  ['cash_delta_micros', 'bigint'],
  ['settled_at', 'timestamptz'],
] as const;

/** Records settlements. Errors: a unique violation when an episode was settled before, which locking rules out. */
export async function writeSettlements(
  sql: Sql,
  { mode, scope }: AccountId,
  settled: readonly Settled[],
  now: Date,
): Promise<void> {
  const rows = settled.map(({ holding, episode, payout, entry }) => [
    mode,
    scope,
    holding.leaderId,
    holding.tokenId,
    holding.conditionId,
    episode,
    payout.numerator.toString(),
    payout.denominator.toString(),
    -entry.shareDeltaMicros,
    entry.cashDeltaMicros,
    now,
  ]);
  await insertRows(sql, 'portfolio.settlement', COLUMNS, rows);
}
