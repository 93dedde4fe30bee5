import { encode, newTrace } from '@slipstream/bus';
import { type Database, insertRows, type OutboxMessage, type Sql } from '@slipstream/db';
import { TABLES } from '@slipstream/db/ingest';
import { shares, usd } from '@slipstream/money';
import { copyLeaderTradeRemoved, type LeaderTradeRemoved, type Side } from '@slipstream/proto';
import type { ChainFill } from '../core/chain/chain-figures.ts';
import type { ChainCursor, ChainTrade } from '../core/chain/chain-trade.ts';
import { type KeptRemoval, removalStep } from '../core/chain/removal.ts';
import type { Figure } from '../core/observation.ts';

const LOG_COLUMNS = [
  ['block_hash', 'text'],
  ['log_index', 'int'],
  ['block_number', 'bigint'],
  ['base_id', 'text'],
  ['transaction_hash', 'text'],
  ['wallet', 'text'],
  ['token_id', 'text'],
  ['side', 'text'],
  ['size_micros', 'bigint'],
  ['notional_micros', 'bigint'],
  ['removed_at', 'timestamptz'],
] as const;

/** Whom a trade belongs to and how much of it was told; history was told to nobody. */
type Told = Figure & { readonly leaderId: string };

/** The block up to which a chain was read in earlier lives; null at the very first start. */
export async function readChainCursor(db: Database, chainId: number): Promise<number | null> {
  const [row] = await db.query<{ block_number: bigint }>(
    `select block_number from ${TABLES.chainCursor} where chain_id = $1`,
    [chainId],
  );
  return row === undefined ? null : Number(row.block_number);
}

/** Moves the cursor forward, never back. */
export async function moveChainCursor(db: Database, cursor: ChainCursor, now: Date): Promise<void> {
  await db.query(
    `insert into ${TABLES.chainCursor} (chain_id, block_number, updated_at) values ($1, $2, $3)
       on conflict (chain_id) do update set block_number = excluded.block_number, updated_at = excluded.updated_at
       where chain_cursor.block_number < excluded.block_number`,
    [cursor.chainId, cursor.blockNumber, now],
  );
}

type LogRow = {
  readonly block_hash: string;
  readonly log_index: number;
  readonly block_number: bigint;
  readonly base_id: string;
  readonly transaction_hash: string;
  readonly wallet: string;
  readonly token_id: string;
  readonly side: Side;
  readonly size_micros: bigint;
  readonly notional_micros: bigint;
  readonly removed_at: Date | null;
};

/** Logs of recent blocks as they were stored: what a reorganisation may still take back. */
export async function readChainLogs(
  db: Database,
  fromBlock: number,
): Promise<{ readonly fill: ChainFill; readonly isRemoved: boolean }[]> {
  const rows = await db.query<LogRow>(
    `select block_hash, log_index, block_number, base_id, transaction_hash, wallet, token_id, side, size_micros,
        notional_micros, removed_at from ${TABLES.chainLog} where block_number >= $1 order by block_number, log_index`,
    [fromBlock],
  );
  return rows.map((row) => ({
    fill: {
      tradeId: row.base_id,
      identity: {
        transactionHash: row.transaction_hash,
        wallet: row.wallet,
        tokenId: row.token_id,
        side: row.side,
      },
      blockHash: row.block_hash,
      blockNumber: Number(row.block_number),
      logIndex: row.log_index,
      sizeMicros: shares(row.size_micros),
      notionalMicros: usd(row.notional_micros),
    },
    isRemoved: row.removed_at !== null,
  }));
}

async function writeLogs(sql: Sql, trades: readonly ChainTrade[], now: Date): Promise<void> {
  const rows = trades.flatMap(({ fills }) =>
    fills.map(({ fill, isRemoved }) => [
      fill.blockHash,
      fill.logIndex,
      fill.blockNumber,
      fill.tradeId,
      fill.identity.transactionHash,
      fill.identity.wallet,
      fill.identity.tokenId,
      fill.identity.side,
      fill.sizeMicros,
      fill.notionalMicros,
      isRemoved ? now : null,
    ]),
  );
  await insertRows(
    sql,
    TABLES.chainLog,
    LOG_COLUMNS,
    rows,
    `on conflict (block_hash, log_index) do update
       set removed_at = case when excluded.removed_at is null then null
         else coalesce(chain_log.removed_at, excluded.removed_at) end
       where (chain_log.removed_at is null) <> (excluded.removed_at is null)`,
  );
}

async function readTold(sql: Sql, tradeIds: readonly string[]): Promise<Map<string, Told>> {
  const rows = await sql.query<{ base_id: string; leader_id: string; size: bigint; notional: bigint }>(
    `select base_id, min(leader_id) as leader_id, sum(size_micros)::bigint as size, sum(notional_micros)::bigint as notional
       from ${TABLES.leaderTrade} where base_id = any($1) and not baseline group by base_id`,
    [tradeIds],
  );
  return new Map(
    rows.map((row) => [
      row.base_id,
      { leaderId: row.leader_id, sizeMicros: shares(row.size), notionalMicros: usd(row.notional) },
    ]),
  );
}

async function readRemovals(sql: Sql, tradeIds: readonly string[]): Promise<Map<string, KeptRemoval[]>> {
  const rows = await sql.query<{
    base_id: string;
    removal: number;
    size_micros: bigint;
    notional_micros: bigint;
    restored_size_micros: bigint;
    restored_notional_micros: bigint;
  }>(
    `select base_id, removal, size_micros, notional_micros, restored_size_micros, restored_notional_micros
       from ${TABLES.removal} where base_id = any($1) order by base_id, removal`,
    [tradeIds],
  );
  const kept = new Map<string, KeptRemoval[]>();
  for (const row of rows) {
    const list = kept.get(row.base_id) ?? [];
    list.push({
      removal: row.removal,
      sizeMicros: row.size_micros,
      notionalMicros: row.notional_micros,
      restoredSizeMicros: row.restored_size_micros,
      restoredNotionalMicros: row.restored_notional_micros,
    });
    kept.set(row.base_id, list);
  }
  return kept;
}

async function writeRemoval(sql: Sql, m: LeaderTradeRemoved): Promise<OutboxMessage> {
  await sql.query(
    `insert into ${TABLES.removal} (base_id, removal, leader_id, wallet, token_id, side, transaction_hash, size_micros,
        notional_micros, removed_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      m.tradeId,
      m.removal,
      m.leaderId,
      m.wallet,
      m.tokenId,
      m.side,
      m.transactionHash,
      m.sizeMicros,
      m.notionalMicros,
      m.removedAt,
    ],
  );
  return encode(copyLeaderTradeRemoved, m, newTrace(m.tradeId));
}

async function writeRestored(
  sql: Sql,
  tradeId: string,
  row: { readonly removal: number; readonly size: bigint; readonly notional: bigint },
  now: Date,
): Promise<void> {
  await sql.query(
    `update ${TABLES.removal} set restored_size_micros = restored_size_micros + $3,
        restored_notional_micros = restored_notional_micros + $4, restored_at = $5
      where base_id = $1 and removal = $2`,
    [tradeId, row.removal, row.size, row.notional, now],
  );
}

/**
 * Stores what the chain says of trades, in the transaction that publishes them: their logs, and for those that a
 * reorganisation touched what it takes back or gives again. Gives the compensations to publish. Safe to repeat: with
 * the same figures there is nothing to take back a second time.
 */
export async function storeChainTrades(
  sql: Sql,
  trades: readonly ChainTrade[],
  now: Date,
): Promise<OutboxMessage[]> {
  if (trades.length === 0) return [];
  await writeLogs(sql, trades, now);
  const touched = trades.filter((trade) => trade.wasReorganised);
  if (touched.length === 0) return [];
  const ids = touched.map((trade) => trade.tradeId);
  const [told, removals] = [await readTold(sql, ids), await readRemovals(sql, ids)];
  const messages: OutboxMessage[] = [];
  for (const { tradeId, struck, fills } of touched) {
    const [published, identity] = [told.get(tradeId), fills[0]?.fill.identity];
    if (published === undefined || identity === undefined) continue;
    const step = removalStep(published, struck, removals.get(tradeId) ?? []);
    if (step.kind === 'restore') for (const row of step.rows) await writeRestored(sql, tradeId, row, now);
    if (step.kind !== 'remove') continue;
    const { leaderId } = published;
    const message = { tradeId, removal: step.removal, leaderId, ...identity, ...step.figure };
    messages.push(
      await writeRemoval(sql, {
        ...message,
        removedAt: now.toISOString(),
        source: 'chain',
        reason: 'REORG',
      }),
    );
  }
  return messages;
}
