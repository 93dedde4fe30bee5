import type { Database } from '@slipstream/db';
import type { Side, TradeSource, TradingMode } from '@slipstream/proto';

const WALLET = `0x${'a'.repeat(40)}`;
const CONDITION = `0x${'c'.repeat(64)}`;
const AT = '2026-11-21T10:00:00.000Z';

/** One row of a table; columns that it does not name have their defaults. */
function insert(db: Database, table: string, row: object): Promise<unknown[]> {
  const columns = Object.keys(row).join(', ');
  return db.query(
    `insert into ${table} (${columns}) select ${columns} from jsonb_populate_record(null::${table}, $1::jsonb)`,
    [JSON.stringify(row)],
  );
}

export const putLeader = (db: Database, id: string, label: string): Promise<unknown[]> =>
  db.query(
    `insert into config.leader (leader_id, label, enabled, live_override, followed_at, version, changed_at, changed_by)
    values ($1, $2, true, 'INHERIT', '2026-11-01', 1, '2026-11-01', 'test')`,
    [id, label],
  );

type Trade = {
  readonly id: string;
  readonly leader?: string;
  readonly part?: number;
  readonly source?: TradeSource;
  readonly notional: number;
  /** From the event to our first sight of it. */
  readonly unseenMs?: number;
  readonly occurredAt?: string;
  readonly baseline?: boolean;
};

/** A leader trade of which only what quality looks at has a meaning. */
export const putTrade = (db: Database, trade: Trade): Promise<unknown[]> => {
  const occurredAt = trade.occurredAt ?? AT;
  return insert(db, 'ingest.leader_trade', {
    trade_id: trade.id,
    base_id: trade.id.replace(/#\d+$/, ''),
    part: trade.part ?? 1,
    leader_id: trade.leader ?? 'ld_a',
    wallet: WALLET,
    token_id: '100',
    condition_id: CONDITION,
    side: 'BUY',
    size_micros: 1_000_000,
    notional_micros: trade.notional,
    price_micros: 500_000,
    transaction_hash: trade.id,
    occurred_at: occurredAt,
    detected_at: new Date(Date.parse(occurredAt) + (trade.unseenMs ?? 1_000)).toISOString(),
    source: trade.source ?? 'rtds',
    baseline: trade.baseline ?? false,
    hops: {},
    created_at: occurredAt,
  });
};

type Attempt = {
  readonly id: string;
  readonly leader?: string;
  readonly tradingMode?: TradingMode;
  readonly tradeIds: readonly string[];
  readonly side?: Side;
  /** None: it is executed. */
  readonly reasons?: readonly string[];
  readonly leaderNotional?: number;
  readonly leaderPrice?: number;
  readonly targetNotional?: number;
  readonly targetSize?: number;
  readonly decidedAt?: string;
  readonly inputs?: object;
  readonly hops?: object;
};

export const putAttempt = (db: Database, attempt: Attempt): Promise<unknown[]> => {
  const reasons = attempt.reasons ?? [];
  const decidedAt = attempt.decidedAt ?? '2026-11-21T10:00:03.000Z';
  return insert(db, 'decider.copy_attempt', {
    attempt_id: attempt.id,
    mode: attempt.tradingMode ?? 'PAPER',
    scope: 'EXEC_GLOBAL',
    leader_id: attempt.leader ?? 'ld_a',
    group_key: `g:${attempt.id}`,
    token_id: '100',
    condition_id: CONDITION,
    side: attempt.side ?? 'BUY',
    decision: reasons.length === 0 ? 'EXECUTE' : 'SKIP',
    reasons,
    details: [],
    source_type: attempt.tradeIds.length > 1 ? 'BUFFER' : 'IMMEDIATE',
    trade_ids: attempt.tradeIds,
    leader_size_micros: 1_000_000,
    leader_notional_micros: attempt.leaderNotional ?? 0,
    leader_price_micros: attempt.leaderPrice ?? 500_000,
    target_notional_micros: attempt.targetNotional ?? null,
    target_size_micros: attempt.targetSize ?? null,
    intent_id: reasons.length === 0 ? `ci_${attempt.id}` : null,
    config_version: 1,
    occurred_at: AT,
    detected_at: AT,
    opened_at: decidedAt,
    decided_at: decidedAt,
    inputs: attempt.inputs ?? {},
    hops: attempt.hops ?? {},
    correlation_id: attempt.tradeIds[0],
  });
};

type Execution = {
  readonly attempt: string;
  readonly status: 'FILLED' | 'PARTIAL' | 'CANCELED';
  readonly reason?: string;
  readonly size?: number;
  readonly notional?: number;
  readonly fee?: number;
  readonly hops?: object;
};

/** An order that has ended. */
export const putExecution = (db: Database, execution: Execution): Promise<unknown[]> =>
  insert(db, 'portfolio.attempt_execution', {
    attempt_id: execution.attempt,
    mode: 'PAPER',
    scope: 'EXEC_GLOBAL',
    intent_id: `ci_${execution.attempt}`,
    order_id: `po_${execution.attempt}`,
    leader_id: 'ld_a',
    token_id: '100',
    status: execution.status,
    reason: execution.reason ?? null,
    filled_size_micros: execution.size ?? 0,
    filled_notional_micros: execution.notional ?? 0,
    fee_micros: execution.fee ?? 0,
    fill_count: execution.size === undefined ? 0 : 1,
    booked_fills: execution.size === undefined ? 0 : 1,
    final: true,
    booked_at: '2026-11-21T10:00:05.000Z',
    hops: execution.hops ?? {},
  });

/** What the decider records of the rules that it sized with, as far as a cut can be seen from it. */
export const sizedBy = (sizing: object, more: { readonly group?: object; readonly worth?: string } = {}) => ({
  config: { sizing: { minTradeNotionalMicros: '0', sellMode: 'proportional', ...sizing } },
  group: { flush: null, ...more.group },
  leaderWorthMicros: more.worth ?? null,
});
