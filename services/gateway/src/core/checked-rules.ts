import { inherit, type LeaderConfig, type LeaderRules, Rules } from '@slipstream/proto';

/** A field that is not as it must be, and why. */
type FieldProblem = { readonly field: string; readonly detail: string };

/** What does not fit together in rules that were put together from two documents. */
function problemsOf(rules: Rules, prefix: string): readonly FieldProblem[] {
  const checked = Rules.safeEncode(rules);
  if (checked.success) return [];
  return checked.error.issues.map(({ path, message }) => ({
    field: [prefix, ...path.map(String)].join('.'),
    detail: message,
  }));
}

/** Whether a leader's own fields fit the mode's. */
export const problemsOfOwn = (mode: Rules, own: LeaderRules): readonly FieldProblem[] =>
  problemsOf(inherit(mode, own), 'rules');

/** Whether every leader's own fields still fit the mode's new ones. */
export const problemsOfMode = (
  mode: Rules,
  owns: readonly Pick<LeaderConfig, 'leaderId' | 'rules'>[],
): readonly FieldProblem[] =>
  owns.flatMap(({ leaderId, rules }) => problemsOf(inherit(mode, rules), `leaders.${leaderId}`));
