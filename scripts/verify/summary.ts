import { createHash } from 'node:crypto';
import { equityOf } from './checks.ts';
import type { Results } from './results.ts';

/** What two runs of one tape must have in common: every PAPER row, byte for byte, but for wall-clock stamps. */
function fingerprintOf({ paperRows }: Results): string {
  const hash = createHash('sha256');
  for (const row of paperRows) hash.update(row).update('\n');
  return hash.digest('hex');
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
    liveAttempts: Number(results.liveAttempts),
    fills: results.fills.length,
    ledgerEntries: results.entries.length,
    cashMicros: (results.account?.cash_micros ?? 0n).toString(),
    equityMicros: equityOf(results)?.toString() ?? null,
    violations,
    seconds: Math.round(seconds * 10) / 10,
    fingerprint: fingerprintOf(results),
  };
}
