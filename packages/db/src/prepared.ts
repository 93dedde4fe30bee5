import type { QueryConfig } from 'pg';

/** Statements of one database that are kept prepared on each of its connections; further ones are sent as they are. */
const PREPARED_MAX = 200;
/** A statement is prepared from its third time on: one that was put together for once is not kept. */
const PREPARED_FROM = 3;
/** Texts whose repetitions are counted at most, so that statements put together anew each time do not add up. */
const COUNTED_MAX = 1_000;

/**
 * A plan that is made without regard to the values, and perhaps while a table is empty, has to be right for the table as
 * it will be: by an index, since every statement that is asked all the time has one. Entries of rows that are gone are
 * struck off by index scans and stay in the way of bitmap scans. Translating a plan costs more than such statements do.
 */
export const PREPARED_SETTINGS = {
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  enable_bitmapscan: 'off',
  jit: 'off',
} as const;

/** What one statement with parameters is sent as. */
export type Preparing = (text: string, params: readonly unknown[]) => QueryConfig;

/** Every statement as it is: the server parses and plans it each time, for just these values. */
export const unprepared: Preparing = (text, params) => ({ text, values: [...params] });

/**
 * Gives statements that come again and again a name, by which the server finds them parsed and, after a few times,
 * planned. For a service with a fixed set of statements; a plan is then made without regard to the values.
 *
 * A plan that was made while a table was small stays until the server counts the table anew (`autovacuum_naptime`).
 */
export function createPreparing(): Preparing {
  const times = new Map<string, number>();
  const names = new Map<string, string>();
  return (text, params) => {
    const config = unprepared(text, params);
    const name = names.get(text);
    if (name !== undefined) return { ...config, name };
    if (names.size >= PREPARED_MAX || (times.size >= COUNTED_MAX && !times.has(text))) return config;
    const seen = (times.get(text) ?? 0) + 1;
    times.set(text, seen);
    if (seen < PREPARED_FROM) return config;
    times.delete(text);
    names.set(text, `slip_${names.size}`);
    return { ...config, name: `slip_${names.size - 1}` };
  };
}
