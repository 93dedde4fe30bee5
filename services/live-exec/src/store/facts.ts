import { createHash } from 'node:crypto';
import type { Insert, Sql, TxOptions } from '@slipstream/db';
import type { LiveOverride, LiveTradingState, Side } from '@slipstream/proto';
import type { StoredDecision } from '../core/intent-check.ts';

/** Keeps the wallet's lock apart from locks that others take in the same database. */
const LOCK_SPACE = 727_073;
const DAY_MS = 24 * 3_600_000;
const HOUR_MS = 3_600_000;

/** Whoever claims for a wallet does so alone; a second replica waits. Two wallets of one key wait in vain, no more. */
export const walletLock = (scope: string): NonNullable<TxOptions['lock']> => ({
  space: LOCK_SPACE,
  key: createHash('sha256').update(scope).digest().readInt32BE(),
});

/** The switches as the database has them: before anybody was told of a change, and after nobody could be. */
export type SwitchFacts = {
  readonly liveTradingState: LiveTradingState;
  readonly overrides: ReadonlyMap<string, LiveOverride>;
  /** Why live orders are paused until a person clears it; null when they are not. */
  readonly pause: string | null;
};

type SwitchRow = {
  readonly live_trading_state: LiveTradingState | null;
  readonly leaders: Readonly<Record<string, LiveOverride>> | null;
  readonly pause: string | null;
};

/** Of the wallet `$1` and the leaders `$2`. */
const SWITCHES = `
  (select live_trading_state from config.system_switches where id = 1) live_trading_state,
  (select jsonb_object_agg(leader_id, case when enabled then live_override else 'FORCE_OFF' end)
     from config.leader where leader_id = any($2::text[])) leaders,
  (select p.reason from live.pause p where p.scope = $1 and p.paused_at > coalesce(
     (select live_pause_cleared_at from config.system_switches where id = 1), 'epoch')) pause`;

/** A row of switches that is not there is OFF, and a leader who is not there is forced off. */
const switchesFrom = (row: SwitchRow | undefined): SwitchFacts => ({
  liveTradingState: row?.live_trading_state ?? 'OFF',
  overrides: new Map(Object.entries(row?.leaders ?? {})),
  pause: row?.pause ?? null,
});

export const readSwitches = async (
  sql: Sql,
  scope: string,
  leaderIds: readonly string[],
): Promise<SwitchFacts> =>
  switchesFrom((await sql.query<SwitchRow>(`select ${SWITCHES}`, [scope, leaderIds]))[0]);

export type ClaimFacts = {
  readonly switches: SwitchFacts;
  /** Orders and refusals that are there already: their keys, and their intents' ids with the state. */
  readonly keys: ReadonlySet<string>;
  readonly intents: ReadonlySet<string>;
  readonly decisions: ReadonlyMap<string, StoredDecision>;
  /** Held back by orders that have not ended, and moved by those that ended since the account was read. */
  readonly cashHeldMicros: bigint;
  readonly sharesHeld: ReadonlyMap<string, bigint>;
  readonly openOrders: number;
  /** Orders on their way to the exchange right now. */
  readonly inFlight: number;
  readonly dayMicros: bigint;
};

type Asked = {
  readonly scope: string;
  readonly leaderIds: readonly string[];
  /** The keys that the intents may have, in either state. */
  readonly keys: readonly string[];
  readonly intentIds: readonly string[];
  /** When the account was read: what our orders have moved since is not in it. */
  readonly accountAsOf: Date;
  /** Orders that were claimed before it are not on their way any more, whatever became of them. */
  readonly flyingSince: Date;
  readonly now: Date;
};

type FactsRow = SwitchRow & {
  readonly keys: readonly string[] | null;
  readonly intents: readonly string[] | null;
  readonly cash: string;
  readonly shares: Readonly<Record<string, string>> | null;
  readonly open_count: number;
  readonly flying: number;
  readonly day_used: string;
  readonly decisions: readonly DecisionRow[] | null;
};

/** As JSON has it: amounts and times are text, which keeps every digit. */
type DecisionRow = {
  readonly mode: string;
  readonly scope: string;
  readonly attempt_id: string;
  readonly intent_id: string;
  readonly leader_id: string;
  readonly group_key: string;
  readonly token_id: string;
  readonly condition_id: string;
  readonly side: Side;
  readonly decision: string;
  readonly target_size_micros: string | null;
  readonly target_notional_micros: string | null;
  readonly limit_price_micros: string | null;
  readonly decided_at: string;
};

/** Orders that were sent or may have been; each of the two ends that follow has an index of its own. */
const MINE = `select status, side, token_id, claimed_at, settled_at, reserved_cash_micros, reserved_shares_micros,
      filled_size_micros, filled_notional_micros + fee_micros as moved
    from live.live_order where scope = $1 and state = 'ON'`;

/** In one question, so that one round trip is made under the lock, and all of it is of one moment. */
const FACTS = `
  with mine as (
    ${MINE} and settled_at is null union all ${MINE} and settled_at >= $5
  ), held as (
    select token_id, sum(case when settled_at is null then reserved_shares_micros
      when side = 'SELL' then filled_size_micros else 0 end) as shares from mine group by token_id
  )
  select ${SWITCHES},
    (select array_agg(idempotency_key) from live.live_order where idempotency_key = any($3::text[])) as keys,
    (select array_agg(intent_id || ' ' || state) from live.live_order where intent_id = any($4::text[])) as intents,
    (select jsonb_agg(to_jsonb(d)) from (
      select mode, scope, attempt_id, intent_id, leader_id, group_key, token_id, condition_id, side, decision,
        target_size_micros::text, target_notional_micros::text, limit_price_micros::text, decided_at
      from decider.copy_attempt where intent_id = any($4::text[])) d) as decisions,
    (select coalesce(sum(case when settled_at is null then reserved_cash_micros
      when side = 'BUY' then moved else 0 end), 0) from mine)::text as cash,
    (select jsonb_object_agg(token_id, shares::text) from held where shares > 0) as shares,
    (select count(*) from mine where settled_at is null)::int as open_count,
    (select count(*) from mine where status = 'SUBMITTING' and claimed_at > $6)::int as flying,
    (select coalesce(sum(notional_micros), 0) from live.spending where scope = $1 and hour > $7)::text as day_used`;

const amountFrom = (text: string | null): bigint | null => (text === null ? null : BigInt(text));

const decisionFrom = (r: DecisionRow): StoredDecision => ({
  mode: r.mode,
  scope: r.scope,
  attemptId: r.attempt_id,
  intentId: r.intent_id,
  leaderId: r.leader_id,
  groupKey: r.group_key,
  tokenId: r.token_id,
  conditionId: r.condition_id,
  side: r.side,
  decision: r.decision,
  targetSizeMicros: amountFrom(r.target_size_micros),
  targetNotionalMicros: amountFrom(r.target_notional_micros),
  limitPriceMicros: amountFrom(r.limit_price_micros),
  decidedAt: new Date(r.decided_at),
});

/** Everything that a claim is judged by, read under the wallet's lock. Amounts in micros. */
export async function readClaimFacts(sql: Sql, asked: Asked): Promise<ClaimFacts> {
  const { scope, leaderIds, keys, intentIds, accountAsOf, flyingSince, now } = asked;
  // An hour that began before the day, and ends in it, counts whole.
  const since = new Date(now.getTime() - DAY_MS - HOUR_MS);
  const params = [scope, leaderIds, keys, intentIds, accountAsOf, flyingSince, since];
  const [facts] = await sql.query<FactsRow>(FACTS, params);
  if (facts === undefined) throw new Error('the facts of a claim have one row');
  const decisions = facts.decisions ?? [];
  return {
    switches: switchesFrom(facts),
    keys: new Set(facts.keys ?? []),
    intents: new Set(facts.intents ?? []),
    decisions: new Map(decisions.map((row) => [row.intent_id, decisionFrom(row)])),
    cashHeldMicros: BigInt(facts.cash),
    sharesHeld: new Map(Object.entries(facts.shares ?? {}).map(([token, text]) => [token, BigInt(text)])),
    openOrders: facts.open_count,
    inFlight: facts.flying,
    dayMicros: BigInt(facts.day_used),
  };
}

export const hourOf = (at: Date): Date => new Date(Math.floor(at.getTime() / HOUR_MS) * HOUR_MS);

const SPENDING = [
  ['scope', 'text'],
  ['hour', 'timestamptz'],
  ['notional_micros', 'bigint'],
] as const;

/** Counts dollars against the limit of a day, as an insert that goes along with what they are spent on. */
export const spend = (scope: string, at: Date, notionalMicros: bigint): Insert => ({
  table: 'live.spending',
  columns: SPENDING,
  rows: notionalMicros === 0n ? [] : [[scope, hourOf(at), notionalMicros]],
  suffix: `on conflict (scope, hour) do update
    set notional_micros = spending.notional_micros + excluded.notional_micros`,
});
