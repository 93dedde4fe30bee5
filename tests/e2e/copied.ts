import { eventually, type TestSystem } from '@slipstream/testkit';

/** A trade that the simulator made on request; size in micros as a decimal string. */
export type SimTrade = {
  readonly transactionHash: string;
  readonly wallet: string;
  readonly tokenId: string;
  readonly side: string;
  readonly sizeMicros: string;
};

type Seen = { readonly key: string; readonly size: bigint };

const SEEN_WITHIN_MS = 90_000;

const keyOf = (t: SimTrade): string =>
  `${t.transactionHash} ${t.wallet.toLowerCase()} ${t.tokenId} ${t.side}`;

/** Each published part with the number of PAPER attempts that hold it. */
export const attemptedParts = (
  system: TestSystem,
): Promise<{ trade_id: string; transaction_hash: string; attempts: bigint }[]> =>
  system.rows(
    `select t.trade_id, t.transaction_hash, (select count(*) from decider.copy_attempt a where a.mode = 'PAPER' and t.trade_id = any(a.trade_ids)) as attempts
       from ingest.leader_trade t where not t.baseline`,
  );

/** Canonical trades with their whole size. */
export const recordedOf = (system: TestSystem): Promise<Seen[]> =>
  system.rows(
    `select transaction_hash || ' ' || wallet || ' ' || token_id || ' ' || side as key, sum(size_micros)::bigint as size
       from ingest.leader_trade where not baseline group by 1`,
  );

/** Sizes by identity of what the simulator says it did. */
function wantedSizes(trades: readonly SimTrade[]): Map<string, bigint> {
  const wanted = new Map<string, bigint>();
  for (const trade of trades)
    wanted.set(keyOf(trade), (wanted.get(keyOf(trade)) ?? 0n) + BigInt(trade.sizeMicros));
  return wanted;
}

/** Waits until every trade is seen in full and decided exactly once, and every copy is booked; fails with what is missing. */
export async function expectAllCopiedOnce(system: TestSystem, trades: readonly SimTrade[]): Promise<void> {
  const wanted = wantedSizes(trades);
  const hashes = [...new Set(trades.map((trade) => trade.transactionHash))];
  await eventually(
    `all ${wanted.size} trades seen in full`,
    async () => {
      const seen = new Map((await recordedOf(system)).map((row) => [row.key, row.size]));
      const missing = [...wanted].filter(([key, size]) => seen.get(key) !== size);
      if (missing.length > 0)
        throw new Error(
          `${missing.length} missing, first ${missing[0]?.[0]}: ${seen.get(missing[0]?.[0] ?? '')}`,
        );
      return true;
    },
    { withinMs: SEEN_WITHIN_MS, everyMs: 250 },
  );
  await eventually(
    'every part decided once',
    async () => {
      const parts = (await attemptedParts(system)).filter((part) => hashes.includes(part.transaction_hash));
      const wrong = parts.filter((part) => part.attempts !== 1n);
      if (wrong.length > 0)
        throw new Error(
          `${wrong.length} of ${parts.length} parts, first ${wrong[0]?.trade_id}: ${wrong[0]?.attempts}`,
        );
      return true;
    },
    { withinMs: SEEN_WITHIN_MS, everyMs: 250 },
  );
  await eventually('every copy is booked', () => openCopies(system), {
    withinMs: SEEN_WITHIN_MS,
    everyMs: 250,
  });
  await expectBooksAgree(system);
}

async function openCopies(system: TestSystem): Promise<boolean> {
  const open = await system.rows<{ attempt_id: string }>(
    `select a.attempt_id from decider.copy_attempt a left join portfolio.attempt_execution e on e.attempt_id = a.attempt_id and e.final
      where a.mode = 'PAPER' and a.decision = 'EXECUTE' and e.attempt_id is null`,
  );
  if (open.length > 0) throw new Error(`${open.length} copies are open, first ${open[0]?.attempt_id}`);
  return true;
}

/** Fills, ledger, positions and cash tell one story. */
async function expectBooksAgree(system: TestSystem): Promise<void> {
  const [row] = await system.rows<Record<string, bigint>>(
    `select (select count(*) from paper.paper_fill) as fills,
            (select count(*) from portfolio.ledger_entry where mode = 'PAPER' and entry_type = 'TRADE_FILL') as entries,
            (select count(distinct ref_id) from portfolio.ledger_entry where mode = 'PAPER' and entry_type = 'TRADE_FILL') as refs,
            (select coalesce(sum(cash_delta_micros), 0)::bigint from portfolio.ledger_entry where mode = 'PAPER') as ledger_cash,
            (select cash_micros from portfolio.account where mode = 'PAPER') as cash,
            (select count(*) from (select leader_id, token_id, sum(share_delta_micros) as s from portfolio.ledger_entry where mode = 'PAPER' and token_id is not null group by 1, 2) l
               join portfolio.position p on p.mode = 'PAPER' and p.leader_id is not distinct from l.leader_id and p.token_id = l.token_id where p.shares_micros <> l.s) as wrong_positions,
            (select count(*) from (select intent_id from paper.paper_order group by 1 having count(*) > 1) d) as doubled`,
  );
  if (row === undefined) throw new Error('no figures');
  const story = JSON.stringify(row, (_, v) => (typeof v === 'bigint' ? v.toString() : v));
  if (
    row['fills'] !== row['entries'] ||
    row['entries'] !== row['refs'] ||
    row['ledger_cash'] !== row['cash'] ||
    row['wrong_positions'] !== 0n ||
    row['doubled'] !== 0n
  )
    throw new Error(`the books disagree: ${story}`);
}
