import { attemptIdOf, type CopyAttempt, type CopyIntent, intentIdOf } from '@slipstream/proto';
import type { Copy, Skip } from './decide.ts';
import type { Group } from './group.ts';
import type { DecisionInputs } from './inputs.ts';

/** What is recorded of a decision, and what is sent when it is to copy. */
export type Attempted = { readonly attempt: CopyAttempt; readonly intent: CopyIntent | null };

const sourceTypeOf = (group: Group): CopyAttempt['sourceType'] =>
  group.dueAt.getTime() > group.openedAt.getTime() ? 'AGGREGATOR' : 'IMMEDIATE';

/**
 * The attempt of one group in one mode. Its id, and the intent's, come from mode, scope, leader and group, so that
 * deciding the same group again gives the same attempt.
 */
export function attemptOf(group: Group, inputs: DecisionInputs, decision: Copy | Skip): Attempted {
  const { mode, scope, config } = inputs;
  const { leaderId, groupKey, tokenId, conditionId, side } = group;
  const attemptId = attemptIdOf(mode, scope, leaderId, groupKey);
  const intent =
    decision.kind === 'copy' && config !== null ? intentOf(attemptId, inputs, decision, config) : null;
  const attempt: CopyAttempt = {
    attemptId,
    mode,
    scope,
    leaderId,
    groupKey,
    tokenId,
    conditionId,
    side,
    decision: decision.kind === 'copy' ? 'EXECUTE' : 'SKIP',
    reasons: decision.kind === 'copy' ? [] : [...decision.reasons],
    sourceType: sourceTypeOf(group),
    tradeIds: [...group.tradeIds],
    leaderSizeMicros: group.sizeMicros,
    leaderNotionalMicros: group.notionalMicros,
    leaderPriceMicros: inputs.group.priceMicros,
    targetNotionalMicros: decision.target?.notionalMicros ?? null,
    targetSizeMicros: decision.target?.sizeMicros ?? null,
    limitPriceMicros: decision.limitPriceMicros,
    intentId: intent?.intentId ?? null,
    configVersion: config?.version ?? 0,
    occurredAt: group.occurredAt.toISOString(),
    detectedAt: group.detectedAt.toISOString(),
    openedAt: group.openedAt.toISOString(),
    decidedAt: inputs.now,
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
