import { createHash } from 'node:crypto';
import { equityOf } from './checks.ts';
import type { Results } from './results.ts';

/** What two runs of one tape must have in common: ids, decisions, reasons, targets, fills, the ledger, and their times. */
function fingerprintOf(results: Results): string {
  const told = {
    attempts: results.attempts.map((a) => [
      a.attempt_id,
      a.decision,
      a.reasons,
      a.target_notional_micros,
      a.target_size_micros,
      a.limit_price_micros,
      a.decided_at,
    ]),
    fills: results.fills.map((f) => [f.fill_id, f.price_micros, f.size_micros, f.fee_micros, f.executed_at]),
    ledger: results.entries.map((e) => [e.ref_id, e.entry_type, e.share_delta_micros, e.cash_delta_micros]),
  };
  const text = JSON.stringify(told, (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
  return createHash('sha256').update(text).digest('hex');
}

function countReasons(results: Results): Record<string, number> {
  const counts = new Map<string, number>();
  for (const attempt of results.attempts)
    for (const reason of attempt.reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => a.localeCompare(b)));
}

/** The one line that `npm run verify` prints. Micros are decimal strings. */
export function summaryOf(results: Results, violations: readonly string[], seconds: number) {
  const execute = results.attempts.filter((attempt) => attempt.decision === 'EXECUTE').length;
  return {
    leaderTrades: new Set(results.parts.map((part) => part.base_id)).size,
    attempts: results.attempts.length,
    execute,
    skip: results.attempts.length - execute,
    reasons: countReasons(results),
    fills: results.fills.length,
    ledgerEntries: results.entries.length,
    cashMicros: (results.account?.cash_micros ?? 0n).toString(),
    equityMicros: equityOf(results)?.toString() ?? null,
    violations,
    seconds: Math.round(seconds * 10) / 10,
    fingerprint: fingerprintOf(results),
  };
}
