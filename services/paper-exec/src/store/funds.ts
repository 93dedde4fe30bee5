import type { Sql } from '@slipstream/db';
import { shares, usd } from '@slipstream/money';
import type { Side } from '@slipstream/proto';
import { type Booked, type Effect, effectOf, holdingKey } from '../core/funds.ts';

/** How the ledger names a fill of ours. */
const REF_PREFIX = 'paper:fill:';

/**
 * Our fills that the ledger does not have yet. Read in full once, at start and after a commit whose fate is unknown;
 * afterwards the executor keeps the list itself.
 */
export async function readUnbooked(sql: Sql): Promise<Effect[]> {
  const rows = await sql.query<{
    fill_id: string;
    scope: string;
    leader_id: string;
    token_id: string;
    side: Side;
    size_micros: bigint;
    notional_micros: bigint;
    fee_micros: bigint;
  }>(
    `select f.fill_id, o.scope, o.leader_id, o.token_id, o.side, f.size_micros, f.notional_micros, f.fee_micros
     from paper.paper_fill f join paper.paper_order o using (order_id)
     where not exists (select from portfolio.ledger_entry l where l.mode = 'PAPER' and l.scope = o.scope
       and l.ref_id = $1 || f.fill_id and l.entry_type = 'TRADE_FILL')`,
    [REF_PREFIX],
  );
  return rows.map((row) =>
    effectOf({
      fillId: row.fill_id,
      scope: row.scope,
      leaderId: row.leader_id,
      tokenId: row.token_id,
      side: row.side,
      sizeMicros: shares(row.size_micros),
      notionalMicros: usd(row.notional_micros),
      feeMicros: usd(row.fee_micros),
    }),
  );
}

type FundsRow = {
  readonly kind: 'account' | 'position' | 'booked';
  readonly scope: string;
  readonly leader_id: string;
  readonly token_id: string;
  readonly fill_id: string;
  readonly amount: bigint;
};

const FUNDS = `
  select 'account' as kind, scope, '' as leader_id, '' as token_id, '' as fill_id, cash_micros as amount
    from portfolio.account where mode = 'PAPER' and scope = any($1::text[])
  union all
  select 'position', p.scope, p.leader_id, p.token_id, '', p.shares_micros
    from unnest($1::text[], $2::text[], $3::text[]) as w(scope, leader_id, token_id)
    join portfolio.position p on p.mode = 'PAPER' and p.scope = w.scope and p.leader_id = w.leader_id
      and p.token_id = w.token_id
  union all
  select 'booked', l.scope, '', '', substr(l.ref_id, length($6::text) + 1), 0::bigint
    from unnest($4::text[], $5::text[]) as u(scope, fill_id)
    join portfolio.ledger_entry l on l.mode = 'PAPER' and l.scope = u.scope and l.ref_id = $6 || u.fill_id
      and l.entry_type = 'TRADE_FILL'`;

/** A position that an order is about. */
export type Wanted = { readonly scope: string; readonly leaderId: string; readonly tokenId: string };

/**
 * Cash and positions as the ledger has them, and which of our fills are among what it has: one statement, hence one
 * snapshot, so that no fill is counted twice or missed however the booking goes on meanwhile.
 */
export async function readBooked(
  sql: Sql,
  wanted: readonly Wanted[],
  unbooked: readonly Effect[],
): Promise<{ readonly booked: Booked; readonly bookedFillIds: ReadonlySet<string> }> {
  const positions = [...new Map(wanted.map((w) => [holdingKey(w.scope, w.leaderId, w.tokenId), w])).values()];
  const rows = await sql.query<FundsRow>(FUNDS, [
    positions.map((w) => w.scope),
    positions.map((w) => w.leaderId),
    positions.map((w) => w.tokenId),
    unbooked.map((effect) => effect.scope),
    unbooked.map((effect) => effect.fillId),
    REF_PREFIX,
  ]);
  const of = (kind: FundsRow['kind']): FundsRow[] => rows.filter((row) => row.kind === kind);
  return {
    booked: {
      cash: new Map(of('account').map((row) => [row.scope, usd(row.amount)])),
      shares: new Map(
        of('position').map((row) => [holdingKey(row.scope, row.leader_id, row.token_id), shares(row.amount)]),
      ),
    },
    bookedFillIds: new Set(of('booked').map((row) => row.fill_id)),
  };
}
