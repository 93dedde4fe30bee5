import { decide } from '../src/core/decide.ts';
import type { Group, Known, ModeWindow } from '../src/core/group.ts';
import { attemptOf } from '../src/core/intent.ts';
import type { Decided } from '../src/store/attempts.ts';
import { type Change, commitTo, readVersion } from '../src/store/commit.ts';
import { NOW, someInputs } from './builders.ts';

type Sql = Parameters<typeof commitTo>[0];

export const NOTHING_KNOWN: Known = { open: new Map(), held: new Map(), grouped: new Set() };
/** A quarter of a second in PAPER. */
export const WINDOW = (): readonly ModeWindow[] => [{ mode: 'PAPER', windowMs: 250 }];

export const change = (over: Partial<Change> = {}): Change => ({
  parts: [],
  holdings: [],
  groups: [],
  decided: [],
  stops: [],
  at: NOW,
  ...over,
});

/** Commits on the version that the desk has at this moment. */
export const committer = (sql: Sql) => async (over: Partial<Change>) =>
  commitTo(sql)(change(over), await readVersion(sql));

/** What is decided of a group on inputs that do not wait. */
export function decided(
  group: Group,
  inputs = someInputs({
    mode: group.mode,
    group: { ...someInputs().group, groupKey: group.groupKey },
  }),
): Decided {
  const decision = decide(inputs);
  if (decision.kind === 'wait') throw new Error('these inputs do not wait');
  const reserve = decision.kind === 'copy' ? decision.reserve : null;
  return { ...attemptOf(group, inputs, decision), inputs, reserve, trace: group.trace };
}
