import { insertRows, type Sql } from '@slipstream/db';
import { price, shares, usd } from '@slipstream/money';
import type { Side, TradingMode } from '@slipstream/proto';
import { type EntryType, entryKey, type LedgerEntry } from '../core/entry.ts';
import type { Account, AccountId } from '../core/post.ts';

type AccountRow = {
  readonly cash_micros: bigint;
  readonly deposited_micros: bigint;
  readonly realized_pnl_micros: bigint;
  readonly fees_micros: bigint;
  readonly version: bigint;
};

const ACCOUNT =
  'select cash_micros, deposited_micros, realized_pnl_micros, fees_micros, version from portfolio.account';

const accountFrom = (row: AccountRow): Account => ({
  cashMicros: usd(row.cash_micros),
  depositedMicros: usd(row.deposited_micros),
  realizedPnlMicros: usd(row.realized_pnl_micros),
  feesMicros: usd(row.fees_micros),
  version: row.version,
});

/**
 * Locks an account, which every booking does first: bookings of one account happen one after the other, in whatever
 * process, and everything else that they touch is theirs meanwhile. Creates it empty when it is not there.
 */
export async function lockAccount(sql: Sql, { mode, scope }: AccountId, now: Date): Promise<Account> {
  const locked = (): Promise<AccountRow[]> =>
    sql.query<AccountRow>(`${ACCOUNT} where mode = $1 and scope = $2 for update`, [mode, scope]);
  const [known] = await locked();
  if (known !== undefined) return accountFrom(known);
  await sql.query(
    `insert into portfolio.account (mode, scope, cash_micros, deposited_micros, realized_pnl_micros, fees_micros,
       version, updated_at) values ($1, $2, 0, 0, 0, 0, 0, $3) on conflict do nothing`,
    [mode, scope, now],
  );
  const [made] = await locked();
  if (made === undefined) throw new Error(`the account ${mode} ${scope} can be neither read nor made`);
  return accountFrom(made);
}

export async function writeAccount(
  sql: Sql,
  { mode, scope }: AccountId,
  account: Account,
  now: Date,
): Promise<void> {
  await sql.query(
    `update portfolio.account set cash_micros = $3, deposited_micros = $4, realized_pnl_micros = $5,
       fees_micros = $6, version = $7, updated_at = $8 where mode = $1 and scope = $2`,
    [
      mode,
      scope,
      account.cashMicros,
      account.depositedMicros,
      account.realizedPnlMicros,
      account.feesMicros,
      account.version,
      now,
    ],
  );
}

/** Accounts as they are, with when each was last booked. */
export async function readAccounts(
  sql: Sql,
): Promise<{ readonly id: AccountId; readonly account: Account; readonly updatedAt: Date }[]> {
  const rows = await sql.query<AccountRow & AccountId & { readonly updated_at: Date }>(
    'select mode, scope, cash_micros, deposited_micros, realized_pnl_micros, fees_micros, version, updated_at ' +
      'from portfolio.account order by mode, scope',
  );
  return rows.map((row) => ({
    id: { mode: row.mode, scope: row.scope },
    account: accountFrom(row),
    updatedAt: row.updated_at,
  }));
}

/** Which of these entries the ledger has, as `entryKey`s. Exact while the account is locked. */
export async function readBookedKeys(
  sql: Sql,
  { mode, scope }: AccountId,
  entries: readonly LedgerEntry[],
): Promise<ReadonlySet<string>> {
  const rows = await sql.query<{ ref_id: string; entry_type: EntryType }>(
    `select ref_id, entry_type from portfolio.ledger_entry
     where mode = $1 and scope = $2 and ref_id = any($3::text[])`,
    [mode, scope, entries.map((entry) => entry.refId)],
  );
  return new Set(rows.map((row) => entryKey({ refId: row.ref_id, entryType: row.entry_type })));
}

const ENTRY_COLUMNS = [
  ['mode', 'text'],
  ['scope', 'text'],
  ['ref_id', 'text'],
  ['entry_type', 'text'],
  ['leader_id', 'text'],
  ['token_id', 'text'],
  ['condition_id', 'text'],
  ['side', 'text'],
  ['share_delta_micros', 'bigint'],
  ['cash_delta_micros', 'bigint'],
  ['fee_micros', 'bigint'],
  ['price_micros', 'bigint'],
  ['attempt_id', 'text'],
  ['order_id', 'text'],
  ['occurred_at', 'timestamptz'],
  ['booked_at', 'timestamptz'],
] as const;

/** Adds entries in their order. Errors: a unique violation when one is there already, which locking rules out. */
export async function appendEntries(sql: Sql, entries: readonly LedgerEntry[], now: Date): Promise<void> {
  const rows = entries.map((e) => [
    e.mode,
    e.scope,
    e.refId,
    e.entryType,
    e.holding?.leaderId ?? null,
    e.holding?.tokenId ?? null,
    e.holding?.conditionId ?? null,
    e.side,
    e.shareDeltaMicros,
    e.cashDeltaMicros,
    e.feeMicros,
    e.priceMicros,
    e.attemptId,
    e.orderId,
    e.occurredAt,
    now,
  ]);
  await insertRows(sql, 'portfolio.ledger_entry', ENTRY_COLUMNS, rows);
}

type EntryRow = {
  readonly mode: TradingMode;
  readonly scope: string;
  readonly ref_id: string;
  readonly entry_type: EntryType;
  readonly leader_id: string | null;
  readonly token_id: string | null;
  readonly condition_id: string | null;
  readonly side: Side | null;
  readonly share_delta_micros: bigint;
  readonly cash_delta_micros: bigint;
  readonly fee_micros: bigint;
  readonly price_micros: bigint | null;
  readonly attempt_id: string | null;
  readonly order_id: string | null;
  readonly occurred_at: Date;
};

const entryFrom = (row: EntryRow): LedgerEntry => ({
  mode: row.mode,
  scope: row.scope,
  refId: row.ref_id,
  entryType: row.entry_type,
  holding:
    row.token_id === null || row.condition_id === null
      ? null
      : { leaderId: row.leader_id, tokenId: row.token_id, conditionId: row.condition_id },
  side: row.side,
  shareDeltaMicros: shares(row.share_delta_micros),
  cashDeltaMicros: usd(row.cash_delta_micros),
  feeMicros: usd(row.fee_micros),
  priceMicros: row.price_micros === null ? null : price(row.price_micros),
  attemptId: row.attempt_id,
  orderId: row.order_id,
  occurredAt: row.occurred_at,
});

const ENTRY = `select mode, scope, ref_id, entry_type, leader_id, token_id, condition_id, side, share_delta_micros,
  cash_delta_micros, fee_micros, price_micros, attempt_id, order_id, occurred_at from portfolio.ledger_entry`;

/** What the ledger has under these names, in the order of booking. */
export async function readEntries(
  sql: Sql,
  { mode, scope }: AccountId,
  refIds: readonly string[],
): Promise<LedgerEntry[]> {
  const rows = await sql.query<EntryRow>(
    `${ENTRY} where mode = $1 and scope = $2 and ref_id = any($3::text[]) order by entry_id`,
    [mode, scope, refIds],
  );
  return rows.map(entryFrom);
}

/** The fills of these orders that were booked as nobody's and still stand so, in the order of booking. */
export async function readNobodysFills(
  sql: Sql,
  { mode, scope }: AccountId,
  orderIds: readonly string[],
): Promise<LedgerEntry[]> {
  const rows = await sql.query<EntryRow>(
    `${ENTRY} e where mode = $1 and scope = $2 and order_id = any($3::text[]) and leader_id is null
       and entry_type = 'TRADE_FILL' and not exists (select from portfolio.ledger_entry r
         where r.mode = e.mode and r.scope = e.scope and r.ref_id = e.ref_id
           and r.entry_type = 'TRADE_FILL_REVERSAL') order by entry_id`,
    [mode, scope, orderIds],
  );
  return rows.map(entryFrom);
}

/** The whole ledger of the positions in these tokens. Read only when a fill is reversed, which the chain does rarely. */
export async function readHistory(
  sql: Sql,
  { mode, scope }: AccountId,
  tokenIds: readonly string[],
): Promise<LedgerEntry[]> {
  const rows = await sql.query<EntryRow>(
    `${ENTRY} where mode = $1 and scope = $2 and token_id = any($3::text[]) order by entry_id`,
    [mode, scope, tokenIds],
  );
  return rows.map(entryFrom);
}
