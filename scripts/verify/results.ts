import type { Database } from '@slipstream/db';

/** Everything that one run left in the database, read once. Micros are bigint. */
export type Results = {
  readonly parts: readonly PartRow[];
  readonly attempts: readonly AttemptRow[];
  readonly orders: readonly OrderRow[];
  readonly fills: readonly FillRow[];
  readonly entries: readonly EntryRow[];
  readonly positions: readonly PositionRow[];
  readonly executions: readonly ExecutionRow[];
  readonly account: AccountRow | null;
  readonly deadLetters: number;
  /** Every PAPER row but for wall-clock stamps, as PostgreSQL writes it. */
  readonly paperRows: readonly string[];
  readonly liveAttempts: bigint;
};

type PartRow = {
  readonly trade_id: string;
  readonly base_id: string;
  readonly part: number;
  readonly wallet: string;
  readonly token_id: string;
  readonly side: string;
  readonly transaction_hash: string;
  readonly size_micros: bigint;
  readonly baseline: boolean;
  readonly occurred_at: Date;
};

type AttemptRow = {
  readonly attempt_id: string;
  readonly leader_id: string;
  readonly token_id: string;
  readonly side: string;
  readonly decision: string;
  readonly reasons: readonly string[];
  readonly trade_ids: readonly string[];
  readonly target_notional_micros: bigint | null;
  readonly target_size_micros: bigint | null;
  readonly limit_price_micros: bigint | null;
  readonly intent_id: string | null;
  readonly decided_at: Date;
};

type OrderRow = {
  readonly order_id: string;
  readonly intent_id: string;
  readonly token_id: string;
  readonly side: string;
  readonly status: string;
  readonly limit_price_micros: bigint;
  readonly filled_size_micros: bigint;
  readonly filled_notional_micros: bigint;
  readonly fill_count: number;
  readonly executed_at: Date | null;
};

type FillRow = {
  readonly fill_id: string;
  readonly order_id: string;
  readonly token_id: string;
  readonly side: string;
  readonly price_micros: bigint;
  readonly size_micros: bigint;
  readonly notional_micros: bigint;
  readonly fee_micros: bigint;
  readonly executed_at: Date;
};

type EntryRow = {
  readonly ref_id: string;
  readonly entry_type: string;
  readonly leader_id: string | null;
  readonly token_id: string | null;
  readonly share_delta_micros: bigint;
  readonly cash_delta_micros: bigint;
};

type PositionRow = {
  readonly leader_id: string | null;
  readonly token_id: string;
  readonly shares_micros: bigint;
  readonly mark_micros: bigint | null;
};

type ExecutionRow = {
  readonly attempt_id: string;
  readonly filled_size_micros: bigint;
  readonly filled_notional_micros: bigint;
  readonly final: boolean;
};

type AccountRow = { readonly cash_micros: bigint };

/** What is left out are stamps of the machine's clock, keys that a sequence gives, and the names of sockets. */
const PAPER_ROWS = `
select 'attempt ' || (to_jsonb(a) - 'hops')::text as row from decider.copy_attempt a where mode = 'PAPER'
union all select 'group ' || (to_jsonb(g) - 'trace')::text from decider.leader_group g where mode = 'PAPER'
union all select 'order ' || (to_jsonb(o) - 'trace' #- '{book,sessionId}')::text from paper.paper_order o
union all select 'fill ' || to_jsonb(f)::text from paper.paper_fill f
union all select 'ledger ' || (to_jsonb(l) - 'entry_id')::text from portfolio.ledger_entry l where mode = 'PAPER'
union all select 'snapshot ' || (to_jsonb(s) - 'snapshot_id')::text from portfolio.portfolio_snapshot s where mode = 'PAPER'
order by 1`;

/** Reads the PAPER side of every table that a trade passes. The run is over, so one read sees one state. */
export async function readResults(db: Database, deadLetters: number): Promise<Results> {
  const [account] = await db.query<AccountRow>(
    `select cash_micros from portfolio.account where mode = 'PAPER' order by scope limit 1`,
  );
  const [live] = await db.query<{ count: bigint }>(
    `select count(*) as count from decider.copy_attempt where mode = 'LIVE'`,
  );
  return {
    parts: await db.query(`select * from ingest.leader_trade order by trade_id`),
    attempts: await db.query(
      `select * from decider.copy_attempt where mode = 'PAPER' order by decided_at, attempt_id`,
    ),
    orders: await db.query(`select * from paper.paper_order order by order_id`),
    fills: await db.query(`select * from paper.paper_fill order by fill_id`),
    entries: await db.query(
      `select * from portfolio.ledger_entry where mode = 'PAPER' order by ref_id, entry_type`,
    ),
    positions: await db.query(`select * from portfolio.position where mode = 'PAPER'`),
    executions: await db.query(`select * from portfolio.attempt_execution where mode = 'PAPER'`),
    account: account ?? null,
    deadLetters,
    paperRows: (await db.query<{ row: string }>(PAPER_ROWS)).map(({ row }) => row),
    liveAttempts: live?.count ?? 0n,
  };
}
