import type { Sql } from '@slipstream/db';
import { type PriceMicros, price, type ShareMicros, shares, type UsdMicros, usd } from '@slipstream/money';
import type { CopyAttempt, CopyIntent, Trace, TradingMode } from '@slipstream/proto';
import type { Reserve } from '../core/decide.ts';
import type { DecisionInputs } from '../core/inputs.ts';
import { cashNeeded } from '../core/reserve.ts';
import type { AccountName } from '../core/route.ts';
import type { Reservation } from '../desk/reservations.ts';
import { readInputs, recordInputs } from './inputs.ts';

/** One decision as it is stored and announced. */
export type Decided = {
  readonly attempt: CopyAttempt;
  /** Null for a skip. */
  readonly intent: CopyIntent | null;
  readonly inputs: DecisionInputs;
  readonly reserve: Reserve | null;
  readonly trace: Trace;
};

const digits = (n: bigint | null): string | null => (n === null ? null : `${n}`);

/** The attempt as a JSON object named by column. */
export const attemptRow = ({ attempt: a, inputs, trace }: Decided) => ({
  attempt_id: a.attemptId,
  mode: a.mode,
  scope: a.scope,
  leader_id: a.leaderId,
  group_key: a.groupKey,
  token_id: a.tokenId,
  condition_id: a.conditionId,
  side: a.side,
  decision: a.decision,
  reasons: a.reasons,
  details: a.details,
  source_type: a.sourceType,
  trade_ids: a.tradeIds,
  leader_size_micros: digits(a.leaderSizeMicros),
  leader_notional_micros: digits(a.leaderNotionalMicros),
  leader_price_micros: digits(a.leaderPriceMicros),
  target_notional_micros: digits(a.targetNotionalMicros),
  target_size_micros: digits(a.targetSizeMicros),
  limit_price_micros: digits(a.limitPriceMicros),
  intent_id: a.intentId,
  config_version: a.configVersion,
  occurred_at: a.occurredAt,
  detected_at: a.detectedAt,
  opened_at: a.openedAt,
  decided_at: a.decidedAt,
  inputs: recordInputs(inputs),
  hops: trace.hops,
  correlation_id: trace.correlationId,
});

/** What an attempt may take until it is final. */
export const reservationOf = ({ attempt, reserve }: Decided): Reservation | null =>
  reserve && {
    attemptId: attempt.attemptId,
    mode: attempt.mode,
    scope: attempt.scope,
    leaderId: attempt.leaderId,
    tokenId: attempt.tokenId,
    conditionId: attempt.conditionId,
    ...reserve,
  };

type PendingRow = {
  readonly attemptId: string;
  readonly mode: TradingMode;
  readonly scope: string;
  readonly leaderId: string;
  readonly tokenId: string;
  readonly conditionId: string;
  readonly side: CopyAttempt['side'];
  readonly leaderPriceMicros: bigint;
  readonly targetNotionalMicros: bigint;
  readonly targetSizeMicros: bigint;
  readonly inputs: unknown;
};

const READ_PENDING = `
select a.attempt_id as "attemptId", a.mode, a.scope, a.leader_id as "leaderId", a.token_id as "tokenId",
  a.condition_id as "conditionId", a.side,
  a.leader_price_micros as "leaderPriceMicros", a.target_notional_micros as "targetNotionalMicros",
  a.target_size_micros as "targetSizeMicros", a.inputs
from decider.copy_attempt a join unnest($1::text[], $2::text[]) as w(mode, scope) using (mode, scope)
where a.decision = 'EXECUTE' and not exists (
  select 1 from portfolio.attempt_execution e where e.attempt_id = a.attempt_id and e.final)`;

/** A BUY's cash as it was held back when it was decided, from the same inputs. */
function cashOf(row: PendingRow): UsdMicros {
  const { config, market } = readInputs(row.inputs);
  if (config === null || market === null)
    throw new Error(`attempt ${row.attemptId} was executed without inputs`);
  const target: { notionalMicros: UsdMicros; sizeMicros: ShareMicros } = {
    notionalMicros: usd(row.targetNotionalMicros),
    sizeMicros: shares(row.targetSizeMicros),
  };
  const leaderPrice: PriceMicros = price(row.leaderPriceMicros);
  return cashNeeded(target, leaderPrice, config.guardrails.maxWorseningMicros, market);
}

/** What executed attempts of these accounts that are not final hold back; read at start, kept in memory afterwards. */
export async function readReservations(
  sql: Sql,
  accounts: readonly AccountName[],
): Promise<readonly Reservation[]> {
  const rows = await sql.query<PendingRow>(READ_PENDING, [
    accounts.map(({ mode }) => mode),
    accounts.map(({ scope }) => scope),
  ]);
  return rows.map((row) => {
    const { attemptId, mode, scope, leaderId, tokenId, conditionId } = row;
    const buying = row.side === 'BUY';
    return {
      attemptId,
      mode,
      scope,
      leaderId,
      tokenId,
      conditionId,
      cashMicros: buying ? cashOf(row) : usd(0n),
      sharesMicros: buying ? shares(0n) : shares(row.targetSizeMicros),
    };
  });
}
