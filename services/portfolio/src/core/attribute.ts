import type { Fill } from '@slipstream/proto';

/** Whose a fill is: an attempt of ours on behalf of a leader, or nobody's whom we know. */
export type Attribution =
  | { readonly kind: 'app'; readonly leaderId: string; readonly attemptId: string; readonly intentId: string }
  | { readonly kind: 'external' }
  /** It says that it is ours and does not say for whom: no redelivery can mend that. */
  | { readonly kind: 'contradiction'; readonly why: string };

/** Reads the attribution that a fill carries. Source: domain rules §7. */
export function attribute(fill: Fill): Attribution {
  if (fill.origin === 'EXTERNAL') return { kind: 'external' };
  if (fill.origin === 'UNATTRIBUTED')
    return { kind: 'contradiction', why: `fill ${fill.fillId} does not say whose it is` };
  const { leaderId, attemptId, intentId } = fill;
  if (leaderId === null || attemptId === null || intentId === null)
    return {
      kind: 'contradiction',
      why: `fill ${fill.fillId} is of origin APP without leader, attempt or intent`,
    };
  return { kind: 'app', leaderId, attemptId, intentId };
}
