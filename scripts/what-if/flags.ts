import { parseArgs } from 'node:util';
import type { TradingMode } from '@slipstream/proto';
import { Refusal } from '@slipstream/stack';
import { ATTEMPT_OPTIONS, ATTEMPT_USAGE, type AttemptFlags, readAttemptFlags } from '../attempts/flags.ts';
import { parseOrRefuse } from '../start/flags.ts';

const SINCE_DEFAULT_MS = 24 * 3_600_000;
const LEADER = /^[\w:#.-]{1,120}$/;

export type WhatIfFlags = AttemptFlags & {
  readonly mode: TradingMode;
  readonly since: Date;
  readonly until: Date;
  /** “-” is standard input. */
  readonly rules: string;
  /** Null: all. */
  readonly leaderId: string | null;
};

const USAGE = `npm run what-if -- --rules FILE [flags]
  --rules FILE     the other rules as JSON, whole or only the fields that are otherwise; - is standard input
  --mode MODE      PAPER (default) or LIVE
  --leader ID      only this leader's groups
${ATTEMPT_USAGE}
  Without --since the last 24 hours are asked about.`;

/** Errors: Refusal naming the flag. */
export function parseWhatIfFlags(args: readonly string[], now: Date): WhatIfFlags {
  const { values } = parseOrRefuse(
    () =>
      parseArgs({
        args: [...args],
        options: { ...ATTEMPT_OPTIONS, rules: { type: 'string' }, leader: { type: 'string' } },
      }),
    USAGE,
  );
  const { rules, leader } = values;
  if (rules === undefined) throw new Refusal(`Say which rules with --rules FILE.\n${USAGE}`);
  if (leader !== undefined && !LEADER.test(leader))
    throw new Refusal(`--leader wants the id of a leader, not “${leader.slice(0, 60)}”.`);
  const flags = readAttemptFlags(values);
  const until = flags.until ?? now;
  return {
    ...flags,
    mode: flags.mode ?? 'PAPER',
    since: flags.since ?? new Date(until.getTime() - SINCE_DEFAULT_MS),
    until,
    rules,
    leaderId: leader ?? null,
  };
}
