import { decide } from './decide.ts';
import type { DecisionInputs } from './inputs.ts';
import { type Verdict, verdictOf } from './intent.ts';

/** A value as JSON holds it: micros as decimal text. */
export type Plain = null | string | number | boolean | readonly Plain[] | { readonly [name: string]: Plain };

/** A verdict as it is stored. */
export type StoredVerdict = { readonly [K in keyof Verdict]: Plain };

/** One field that a decision made again gives otherwise. */
export type Difference = {
  readonly attemptId: string;
  readonly field: string;
  readonly stored: Plain;
  readonly recomputed: Plain;
};

/** The same text for the same value, whatever the order in which its fields were written. */
function canonical(value: Plain): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(canonical).join(',')}]`;
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`).join(',')}}`;
}

const isList = (value: Plain): value is readonly Plain[] => Array.isArray(value);
const isObject = (value: Plain): value is { readonly [name: string]: Plain } =>
  typeof value === 'object' && value !== null && !isList(value);

type Found = Omit<Difference, 'attemptId'>;

/** The first place in which two values differ, named by its path; null when there is none. */
function firstDifference(field: string, stored: Plain, recomputed: Plain): Found | null {
  if (canonical(stored) === canonical(recomputed)) return null;
  if (!isObject(stored) || !isObject(recomputed)) return { field, stored, recomputed };
  for (const name of new Set([...Object.keys(stored), ...Object.keys(recomputed)])) {
    const inner = firstDifference(`${field}.${name}`, stored[name] ?? null, recomputed[name] ?? null);
    if (inner !== null) return inner;
  }
  return { field, stored, recomputed };
}

const plainOf = (value: bigint | string | number | null | readonly string[]): Plain =>
  typeof value === 'bigint' ? value.toString() : value;

/**
 * Decides stored inputs again and names every field that comes out otherwise than it was stored, `inputs` included:
 * `again` is what recording them once more gives. Empty: the attempt is what its inputs say, byte for byte.
 */
export function replay(
  stored: { readonly verdict: StoredVerdict; readonly inputs: Plain },
  inputs: DecisionInputs,
  again: Plain,
): readonly Difference[] {
  const attemptId = String(stored.verdict.attemptId);
  const recorded = firstDifference('inputs', stored.inputs, again);
  const found: Found[] = recorded === null ? [] : [recorded];
  const decision = decide(inputs);
  if (decision.kind === 'wait')
    found.push({ field: 'decision', stored: stored.verdict.decision, recomputed: 'WAIT' });
  else
    for (const [field, value] of Object.entries(verdictOf(inputs, decision).verdict)) {
      const before = new Map(Object.entries(stored.verdict)).get(field) ?? null;
      const difference = firstDifference(field, before, plainOf(value));
      if (difference !== null) found.push(difference);
    }
  return found.map((difference) => ({ attemptId, ...difference }));
}
