import { resolve } from 'node:path';
import { TradingMode } from '@slipstream/proto';
import { Refusal } from '@slipstream/stack';
import { z } from 'zod';

/** Which recorded attempts are meant, and where they are. */
export type AttemptFlags = {
  /** Null: both. */
  readonly mode: TradingMode | null;
  /** Inside; null from the beginning. */
  readonly since: Date | null;
  /** Outside; null to the end. */
  readonly until: Date | null;
  readonly dataDir: string;
  /** Null: that of the system that runs on the data folder. */
  readonly database: string | null;
  readonly json: boolean;
};

export const ATTEMPT_OPTIONS = {
  mode: { type: 'string' },
  since: { type: 'string' },
  until: { type: 'string' },
  'data-dir': { type: 'string', default: '.data' },
  database: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

export const ATTEMPT_USAGE = `  --since TIME     decided at this time or later, e.g. 2026-07-01T00:00:00Z
  --until TIME     decided before this time
  --data-dir DIR   folder of the running system (default .data)
  --database URL   read this PostgreSQL instead, e.g. that of a stopped system
  --json           one JSON line on standard output`;

const Time = z.union([z.iso.datetime({ offset: true }), z.iso.date()]);

function instant(flag: string, text: string | undefined): Date | null {
  if (text === undefined) return null;
  const time = Time.safeParse(text);
  if (!time.success)
    throw new Refusal(`${flag} wants a time such as 2026-07-01T00:00:00Z, not “${text.slice(0, 60)}”.`);
  return new Date(time.data);
}

function modeOf(text: string | undefined): TradingMode | null {
  if (text === undefined) return null;
  const mode = TradingMode.safeParse(text);
  if (!mode.success) throw new Refusal(`--mode is PAPER or LIVE, not “${text.slice(0, 60)}”.`);
  return mode.data;
}

/** Errors: Refusal naming the flag. */
export function readAttemptFlags(values: {
  readonly mode?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly 'data-dir': string;
  readonly database?: string | undefined;
  readonly json: boolean;
}): AttemptFlags {
  const [since, until] = [instant('--since', values.since), instant('--until', values.until)];
  if (since !== null && until !== null && since >= until)
    throw new Refusal('--since must be earlier than --until.');
  return {
    mode: modeOf(values.mode),
    since,
    until,
    dataDir: resolve(values['data-dir']),
    database: values.database ?? null,
    json: values.json,
  };
}
