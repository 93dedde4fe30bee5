import type { ChangeItem } from '@slipstream/proto/http';

/** Fields that every change changes: they say nothing of what it was about. */
const STAMPS = new Set(['version', 'changedAt', 'changedBy']);

const entriesOf = (value: unknown): ReadonlyMap<string, unknown> | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? new Map(Object.entries(value))
    : null;

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

/** Whether two JSON values are the same, in whatever order their fields come. */
function isSame(one: unknown, other: unknown): boolean {
  if (isList(one) && isList(other))
    return one.length === other.length && one.every((item, index) => isSame(item, other[index]));
  const [ours, theirs] = [entriesOf(one), entriesOf(other)];
  if (ours === null || theirs === null) return Object.is(one, other);
  return ours.size === theirs.size && [...ours].every(([name, value]) => isSame(value, theirs.get(name)));
}

const isAbsent = (value: unknown): boolean => value === null || value === undefined;

/** The fields that differ between two documents, by their paths; a list is one field, and so is what is no document. */
export function fieldsChanged(before: unknown, after: unknown, path = ''): ChangeItem['fields'] {
  const [from, to] = [entriesOf(before), entriesOf(after)];
  const goesDeeper = from === null ? to !== null && isAbsent(before) : to !== null || isAbsent(after);
  if (!goesDeeper)
    return isSame(before, after)
      ? []
      : [{ path: path === '' ? 'document' : path, from: before ?? null, to: after ?? null }];
  const names = new Set([...(from?.keys() ?? []), ...(to?.keys() ?? [])]);
  return [...names]
    .filter((name) => !STAMPS.has(name))
    .flatMap((name) => fieldsChanged(from?.get(name), to?.get(name), path === '' ? name : `${path}.${name}`));
}
