import { attemptIdOf, type CopyAttempt, type CopyIntent, intentIdOf } from '@slipstream/proto';
import type { Copy, Skip } from './decide.ts';
import type { Group } from './group.ts';
import type { DecisionInputs } from './inputs.ts';
import { codesOf, detailsOf } from './reasons.ts';

/** What is recorded of a decision, and what is sent when it is to copy. */
export type Attempted = { readonly attempt: CopyAttempt; readonly intent: CopyIntent | null };

function sourceTypeOf({ source, dueAt, openedAt }: Group): CopyAttempt['sourceType'] {
  if (source !== 'TRADES') return source;
  return dueAt.getTime() > openedAt.getTime() ? 'AGGREGATOR' : 'IMMEDIATE';
}

/**
 * What the inputs alone determine of an attempt: everything but its trades and when they came. Its id, and the
 * intent's, come from mode, scope, leader and group, so that deciding the same group again gives the same attempt.
 */
export type Verdict = Omit<CopyAttempt, 'sourceType' | 'tradeIds' | 'detectedAt' | 'openedAt'>;

/** The verdict on one group in one account, and the command that follows from it. */
export function verdictOf(
  inputs: DecisionInputs,
  decision: Copy | Skip,
): { readonly verdict: Verdict; readonly intent: CopyIntent | null } {
  const { mode, scope, config, group } = inputs;
  const { leaderId, groupKey, tokenId, conditionId, side } = group;
  const attemptId = attemptIdOf(mode, scope, leaderId, groupKey);
  const intent =
    decision.kind === 'copy' && config !== null ? intentOf(attemptId, inputs, decision, config) : null;
  const verdict: Verdict = {
    attemptId,
    mode,
    scope,
    leaderId,
    groupKey,
    tokenId,
    conditionId,
    side,
    decision: decision.kind === 'copy' ? 'EXECUTE' : 'SKIP',
    reasons: decision.kind === 'copy' ? [] : codesOf(decision.reasons),
    details: decision.kind === 'copy' ? [] : detailsOf(decision.reasons),
    leaderSizeMicros: group.sizeMicros,
    leaderNotionalMicros: group.notionalMicros,
    leaderPriceMicros: group.priceMicros,
    targetNotionalMicros: decision.target?.notionalMicros ?? null,
    targetSizeMicros: decision.target?.sizeMicros ?? null,
    limitPriceMicros: decision.limitPriceMicros,
    intentId: intent?.intentId ?? null,
    configVersion: config?.version ?? 0,
    occurredAt: group.occurredAt,
    decidedAt: inputs.now,
  };
  return { verdict, intent };
}

/** The attempt of one group in one account: the verdict, and which trades it is on. */
export function attemptOf(group: Group, inputs: DecisionInputs, decision: Copy | Skip): Attempted {
  const { verdict, intent } = verdictOf(inputs, decision);
  const attempt: CopyAttempt = {
    ...verdict,
    sourceType: sourceTypeOf(group),
    tradeIds: [...group.tradeIds],
    detectedAt: group.detectedAt.toISOString(),
    openedAt: group.openedAt.toISOString(),
  };
  return { attempt, intent };
}

/** The command to copy, good until the configured expiry. */
function intentOf(
  attemptId: string,
  inputs: DecisionInputs,
  { target, limitPriceMicros }: Copy,
  config: NonNullable<DecisionInputs['config']>,
): CopyIntent {
  const { group, mode, scope, now } = inputs;
  const { leaderId, groupKey, tokenId, conditionId, side, priceMicros } = group;
  return {
    intentId: intentIdOf(attemptId),
    attemptId,
    mode,
    scope,
    leaderId,
    groupKey,
    tokenId,
    conditionId,
    side,
    targetSizeMicros: target.sizeMicros,
    targetNotionalMicros: target.notionalMicros,
    limitPriceMicros,
    leaderPriceMicros: priceMicros,
    configVersion: config.version,
    decidedAt: now,
    expiresAt: new Date(Date.parse(now) + config.intentExpiryMs).toISOString(),
  };
}
