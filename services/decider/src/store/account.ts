import type { Sql } from '@slipstream/db';
import { type PriceMicros, price, type ShareMicros, shares, type UsdMicros, usd } from '@slipstream/money';
import type { TradingMode } from '@slipstream/proto';
import { dayStart, weekStart } from '../core/periods.ts';

/** A position of ours as the portfolio last booked and marked it. */
type Position = {
  readonly leaderId: string | null;
  readonly tokenId: string;
  readonly conditionId: string;
  readonly sharesMicros: ShareMicros;
  readonly markMicros: PriceMicros | null;
};

/** One account at one instant. */
type AccountSnapshot = {
  readonly version: bigint;
  readonly cashMicros: UsdMicros;
  readonly depositedMicros: UsdMicros;
  /** Profit (equity less deposits) at the start of the day and of the week, and its highest so far. */
  readonly dayProfitMicros: UsdMicros;
  readonly weekProfitMicros: UsdMicros;
  readonly peakProfitMicros: UsdMicros;
  readonly positions: Positions;
};
type Positions = {
  of(leaderId: string, tokenId: string): ShareMicros;
  all(): Iterable<Position>;
};

/** The account, null when it is not open yet; and which of the attempts asked about are final. */
export type AccountRead = {
  readonly account: AccountSnapshot | null;
  readonly finalAttempts: readonly string[];
};

type AccountQuestion = {
  /** Attempts that were not final when we last asked. */
  readonly pending: readonly string[];
  /** Whether we have no mark of our own for a token, and need the portfolio's. */
  readonly needsMark: (tokenId: string) => boolean;
  readonly now: Date;
};

export type AccountReader = {
  read(mode: TradingMode, scope: string, question: AccountQuestion): Promise<AccountRead>;
  /** Forgets what it has seen; the next read is a whole one. */
  forget(): void;
};

type Row = {
  readonly version: bigint;
  readonly cashMicros: bigint;
  readonly depositedMicros: bigint;
  readonly dayProfitMicros: bigint;
  readonly weekProfitMicros: bigint;
  readonly peakProfitMicros: bigint;
  readonly positions: readonly {
    readonly leaderId: string | null;
    readonly tokenId: string;
    readonly conditionId: string;
    readonly sharesMicros: string;
    readonly markMicros: string | null;
  }[];
  readonly finalAttempts: readonly string[];
};

/** The account's own snapshots; a bucket shows the figures at its end. */
const SERIES = `from portfolio.portfolio_snapshot s
    where s.mode = $1 and s.scope = $2 and s.leader_id is null`;

/** The last known profit before an instant. Without one the account had made nothing yet, since it did not exist. */
const profitAt = (instant: string): string => `
  coalesce((select s.realized_pnl_micros + s.unrealized_pnl_micros - s.fees_micros ${SERIES}
    and s.bucket_time < ${instant}::timestamptz and s.unrealized_pnl_micros is not null
    order by s.bucket_time desc limit 1), 0)`;

/**
 * One statement is one snapshot: cash, positions and finality belong together, so that what is final is booked and
 * what is booked is not counted twice. A booking raises the version of what it changes; a new mark does not, so that
 * positions whose mark we need are named. Numbers inside JSON go as text.
 */
const READ = `
select a.version, a.cash_micros as "cashMicros", a.deposited_micros as "depositedMicros",
  ${profitAt('$7')} as "dayProfitMicros", ${profitAt('$8')} as "weekProfitMicros",
  coalesce((select s.peak_profit_micros ${SERIES} order by s.bucket_time desc limit 1), 0) as "peakProfitMicros",
  coalesce((
    select jsonb_agg(jsonb_build_object('leaderId', p.leader_id, 'tokenId', p.token_id, 'conditionId', p.condition_id,
      'sharesMicros', p.shares_micros::text, 'markMicros', p.mark_micros::text))
    from (
      select * from portfolio.position where mode = $1 and scope = $2 and version > $3
      union
      select q.* from unnest($5::text[], $6::text[]) as w(leader_id, token_id)
      join portfolio.position q on q.mode = $1 and q.scope = $2 and q.token_id = w.token_id
        and (q.leader_id = w.leader_id or (q.leader_id is null and w.leader_id is null))
    ) p), '[]'::jsonb) as positions,
  array(select e.attempt_id from portfolio.attempt_execution e
    where e.attempt_id = any($4::text[]) and e.final) as "finalAttempts"
from portfolio.account a where a.mode = $1 and a.scope = $2`;

/** Before every version: everything is newer. */
const NOTHING_SEEN = -1n;

const keyOf = (leaderId: string | null, tokenId: string): string => `${leaderId ?? ''} ${tokenId}`;

/** Open positions of one account, kept from read to read. */
function createPositions() {
  const held = new Map<string, Position>();
  const take = ({
    leaderId,
    tokenId,
    conditionId,
    sharesMicros,
    markMicros,
  }: Row['positions'][number]): void => {
    const size = shares(BigInt(sharesMicros));
    const mark = markMicros === null ? null : price(BigInt(markMicros));
    if (size === 0n) held.delete(keyOf(leaderId, tokenId));
    else
      held.set(keyOf(leaderId, tokenId), {
        leaderId,
        tokenId,
        conditionId,
        sharesMicros: size,
        markMicros: mark,
      });
  };
  const positions: Positions = {
    of: (leaderId, tokenId) => held.get(keyOf(leaderId, tokenId))?.sharesMicros ?? shares(0n),
    all: () => held.values(),
  };
  return { take, positions };
}

/**
 * Reads accounts by one query each, and only the positions that changed since the read before: the cost does not grow
 * with the account. A version that went back (a rebuilt ledger) begins anew.
 */
export function createAccountReader(sql: Sql): AccountReader {
  const seen = new Map<
    string,
    { readonly version: bigint; readonly held: ReturnType<typeof createPositions> }
  >();

  const read: AccountReader['read'] = async (mode, scope, question) => {
    const key = `${mode} ${scope}`;
    const before = seen.get(key);
    const toMark = [...(before?.held.positions.all() ?? [])].filter((p) => question.needsMark(p.tokenId));
    const [row] = await sql.query<Row>(READ, [
      mode,
      scope,
      before?.version ?? NOTHING_SEEN,
      question.pending,
      toMark.map((p) => p.leaderId),
      toMark.map((p) => p.tokenId),
      dayStart(question.now),
      weekStart(question.now),
    ]);
    if (row === undefined) {
      seen.delete(key);
      return { account: null, finalAttempts: [] };
    }
    if (before !== undefined && row.version < before.version) {
      seen.delete(key);
      return read(mode, scope, question);
    }
    const held = before?.held ?? createPositions();
    for (const position of row.positions) held.take(position);
    seen.set(key, { version: row.version, held });
    const account = {
      version: row.version,
      cashMicros: usd(row.cashMicros),
      depositedMicros: usd(row.depositedMicros),
      dayProfitMicros: usd(row.dayProfitMicros),
      weekProfitMicros: usd(row.weekProfitMicros),
      peakProfitMicros: usd(row.peakProfitMicros),
      positions: held.positions,
    };
    return { account, finalAttempts: row.finalAttempts };
  };
  return { read, forget: () => seen.clear() };
}
