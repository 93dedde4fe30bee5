import type { ReasonCode, ReasonDetail } from '@slipstream/proto';

/** One reason, and where there is one what makes it more exact. */
export type Reason = { readonly code: ReasonCode; readonly detail: ReasonDetail | null };
/** Why not: at least one reason, so that a skip without a reason does not compile. */
export type Reasons = readonly [Reason, ...Reason[]];

export const because = (code: ReasonCode, detail: ReasonDetail | null = null): Reason => ({ code, detail });

/** The reasons whose check failed, or null when all passed. */
export function failing(
  ...checks: readonly (readonly [failed: boolean, code: ReasonCode, detail?: ReasonDetail])[]
): Reasons | null {
  const [first, ...others] = checks.flatMap(([failed, code, detail]) =>
    failed ? [because(code, detail)] : [],
  );
  return first === undefined ? null : [first, ...others];
}

/** Each code once, in the order of the reasons. */
export const codesOf = (reasons: readonly Reason[]): ReasonCode[] => [
  ...new Set(reasons.map(({ code }) => code)),
];

export const detailsOf = (reasons: readonly Reason[]): ReasonDetail[] => [
  ...new Set(reasons.flatMap(({ detail }) => detail ?? [])),
];
