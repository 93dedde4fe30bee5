import { insertRows, type Sql } from '@slipstream/db';
import type { AccountState } from '@slipstream/proto';

/** The ledger's name for the cash that a wallet had when it was first seen. */
export const BASELINE_REF = 'live:baseline';

const COLUMNS = [
  ['scope', 'text'],
  ['token_id', 'text'],
  ['condition_id', 'text'],
  ['shares_micros', 'bigint'],
  ['as_of', 'timestamptz'],
] as const;

/** Keeps what a wallet held when its ledger began, in the transaction that begins it. */
export async function writeBaseline(sql: Sql, state: AccountState): Promise<void> {
  const rows = state.positions.map(({ tokenId, conditionId, sizeMicros }) => [
    state.scope,
    tokenId,
    conditionId,
    sizeMicros,
    new Date(state.asOf),
  ]);
  await insertRows(sql, 'portfolio.baseline_position', COLUMNS, rows, 'on conflict do nothing');
}

/** When each wallet's ledger begins. */
export async function readBaselines(sql: Sql): Promise<ReadonlyMap<string, Date>> {
  const rows = await sql.query<{ scope: string; occurred_at: Date }>(
    `select scope, occurred_at from portfolio.ledger_entry
     where mode = 'LIVE' and ref_id = $1 and entry_type = 'DEPOSIT'`,
    [BASELINE_REF],
  );
  return new Map(rows.map((row) => [row.scope, row.occurred_at]));
}

/** What each wallet held when its ledger began, by token, in micros. */
export async function readBaselineShares(
  sql: Sql,
): Promise<ReadonlyMap<string, ReadonlyMap<string, bigint>>> {
  const rows = await sql.query<{ scope: string; token_id: string; shares_micros: bigint }>(
    'select scope, token_id, shares_micros from portfolio.baseline_position',
  );
  const scopes = new Map<string, Map<string, bigint>>();
  for (const { scope, token_id, shares_micros } of rows) {
    const held = scopes.get(scope) ?? new Map<string, bigint>();
    scopes.set(scope, held.set(token_id, shares_micros));
  }
  return scopes;
}
