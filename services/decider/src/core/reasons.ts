import type { ReasonCode } from '@slipstream/proto';

/** Why not: at least one code, so that a skip without a reason does not compile. */
export type Reasons = readonly [ReasonCode, ...ReasonCode[]];

/** The codes whose check failed, or null when all passed. */
export function failing(
  ...checks: readonly (readonly [failed: boolean, code: ReasonCode])[]
): Reasons | null {
  const [first, ...others] = checks.flatMap(([failed, code]) => (failed ? [code] : []));
  return first === undefined ? null : [first, ...others];
}
