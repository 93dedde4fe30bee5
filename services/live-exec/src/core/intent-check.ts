import type { CopyIntent } from '@slipstream/proto';

/** The longest that a decision may ask to be acted on, whatever it says of itself. */
const LIFE_MAX_MS = 600_000;
/** How far ahead of ours the clock of the decider may be. */
const AHEAD_MAX_MS = 5_000;

/** What the decider stored when it decided: the truth that a message about it must repeat. */
export type StoredDecision = {
  readonly mode: string;
  readonly scope: string;
  readonly attemptId: string;
  readonly intentId: string | null;
  readonly leaderId: string;
  readonly groupKey: string;
  readonly tokenId: string;
  readonly conditionId: string;
  readonly side: string;
  readonly decision: string;
  readonly targetSizeMicros: bigint | null;
  readonly targetNotionalMicros: bigint | null;
  readonly limitPriceMicros: bigint | null;
  readonly decidedAt: Date;
};

const SAME = [
  'mode',
  'scope',
  'attemptId',
  'intentId',
  'leaderId',
  'groupKey',
  'tokenId',
  'conditionId',
  'side',
  'targetSizeMicros',
  'targetNotionalMicros',
  'limitPriceMicros',
] as const satisfies readonly (keyof CopyIntent & keyof StoredDecision)[];

/**
 * Why an intent cannot be true; null when it can. Whoever reaches the bus could write an intent, and only the decider
 * can store a decision: so an intent is acted on only if its decision is in the database and says the same.
 */
export function whyForged(
  intent: CopyIntent,
  decision: StoredDecision | undefined,
  own: { readonly scope: string; readonly now: Date },
): string | null {
  if (intent.mode !== 'LIVE') return `an intent of the mode ${intent.mode}`;
  if (intent.scope !== own.scope) return 'an intent of another wallet';
  const decidedAt = new Date(intent.decidedAt);
  if (new Date(intent.expiresAt).getTime() - decidedAt.getTime() > LIFE_MAX_MS)
    return 'an intent that would live too long';
  if (decidedAt.getTime() - own.now.getTime() > AHEAD_MAX_MS) return 'an intent from the future';
  if (decision === undefined) return 'no decision is stored for this intent';
  if (decision.decision !== 'EXECUTE') return 'the stored decision is not to copy';
  if (decision.decidedAt.getTime() !== decidedAt.getTime())
    return 'the stored decision has another decidedAt';
  const other = SAME.find((name) => decision[name] !== intent[name]);
  return other === undefined ? null : `the stored decision has another ${other}`;
}
