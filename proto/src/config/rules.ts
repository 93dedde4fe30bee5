import { z } from 'zod';
import { Buffering } from './buffering.ts';
import { CapitalStop } from './capital-stop.ts';
import { LiveExecution, PaperExecution } from './execution.ts';
import { Guardrails } from './guardrails.ts';
import { Sizing } from './sizing.ts';

const MINUTE_MS = 60_000;

/** Fields that leaders may have of their own. */
const shared = {
  aggregationWindowMs: z.int().min(0).max(MINUTE_MS),
  /** How long a decision may be acted on. */
  intentExpiryMs: z
    .int()
    .min(1_000)
    .max(10 * MINUTE_MS),
  guardrails: Guardrails,
  sizing: Sizing,
  buffering: Buffering,
  capitalStop: CapitalStop,
  live: LiveExecution,
};

/** Everything that decides how one mode copies. */
const RulesFields = z.strictObject({ ...shared, paper: PaperExecution });
type RulesFields = z.infer<typeof RulesFields>;

/** One rule that spans fields: which field is named when it is broken, and what it says. */
type Coherence = readonly [
  path: readonly [string, string],
  broken: (rules: RulesFields) => boolean,
  message: string,
];

const COHERENCE: readonly Coherence[] = [
  [
    ['sizing', 'minTradeNotionalMicros'],
    ({ sizing }) => sizing.minTradeNotionalMicros > sizing.maxTradeNotionalMicros,
    'is more than maxTradeNotionalMicros',
  ],
  [
    ['sizing', 'budgetRMinBps'],
    ({ sizing }) => sizing.budgetRMinBps > sizing.budgetRMaxBps,
    'is more than budgetRMaxBps',
  ],
  [
    ['sizing', 'budgetMicros'],
    ({ sizing }) => sizing.sizingMode === 'budgetedDynamic' && sizing.budgetMicros === null,
    'is wanted by sizingMode budgetedDynamic',
  ],
  [
    ['buffering', 'minExecNotionalMicros'],
    ({ buffering }) => buffering.minExecNotionalMicros > buffering.flushMinNotionalMicros,
    'is more than flushMinNotionalMicros',
  ],
  [
    ['buffering', 'quietFlushMs'],
    ({ buffering }) => buffering.quietFlushMs > buffering.maxBufferMs,
    'is more than maxBufferMs',
  ],
  [
    ['guardrails', 'maxMarketExposureBps'],
    ({ guardrails }) => guardrails.maxMarketExposureBps > guardrails.maxTotalExposureBps,
    'is more than maxTotalExposureBps',
  ],
  [
    ['guardrails', 'maxLeaderExposureBps'],
    ({ guardrails }) => guardrails.maxLeaderExposureBps > guardrails.maxTotalExposureBps,
    'is more than maxTotalExposureBps',
  ],
  [
    ['guardrails', 'maxDailyLossBps'],
    ({ guardrails }) => guardrails.maxDailyLossBps > guardrails.maxWeeklyLossBps,
    'is more than maxWeeklyLossBps',
  ],
  [
    ['guardrails', 'bookWaitMs'],
    ({ guardrails }) => guardrails.bookWaitMs > guardrails.maxCopyAgeMs,
    'is more than maxCopyAgeMs',
  ],
];

/** A field that contradicts another is named. Both the gateway and every reader check it. */
export const Rules = RulesFields.superRefine((rules, ctx) => {
  for (const [path, broken, message] of COHERENCE)
    if (broken(rules)) ctx.addIssue({ code: 'custom', path: [...path], message });
});
export type Rules = z.infer<typeof Rules>;

/**
 * What one leader has otherwise than the mode: a field that is not there inherits. Alone it need not be coherent; what
 * `inherit` makes of it must be.
 */
export const LeaderRules = z.strictObject({
  aggregationWindowMs: shared.aggregationWindowMs.optional(),
  intentExpiryMs: shared.intentExpiryMs.optional(),
  guardrails: Guardrails.partial().optional(),
  sizing: Sizing.partial().optional(),
  buffering: Buffering.partial().optional(),
  capitalStop: CapitalStop.partial().optional(),
  live: LiveExecution.pick({
    liveSlippageBpsBuy: true,
    liveSlippageBpsSell: true,
    sellMaxWorseningMicros: true,
    sellMaxUnderMidMicros: true,
    orderType: true,
  })
    .partial()
    .optional(),
});
export type LeaderRules = z.infer<typeof LeaderRules>;
