import { z } from 'zod';
import { LiveTradingState } from '../modes.ts';
import { Instant } from '../scalars.ts';

export const SwitchesReply = z.strictObject({
  copyEngineEnabled: z.boolean(),
  liveTradingState: LiveTradingState,
  entriesPaused: z.boolean().describe('No new positions, in both modes; exits run.'),
  livePauseClearedAt: Instant.nullable().describe('When a person last cleared a pause of live orders.'),
  version: z.int().min(1),
  changedAt: Instant,
  changedBy: z.string(),
});
export type SwitchesReply = z.infer<typeof SwitchesReply>;

export const ChangeSwitches = z
  .strictObject({
    copyEngineEnabled: z.boolean().optional(),
    liveTradingState: LiveTradingState.optional().describe('OFF at any time; ON only from SHADOW.'),
    entriesPaused: z.boolean().optional(),
    clearLivePause: z.literal(true).optional().describe('Ends a pause of live orders that has begun by now.'),
  })
  .refine((change) => Object.values(change).some((value) => value !== undefined), {
    message: 'wants at least one of copyEngineEnabled, liveTradingState, entriesPaused, clearLivePause',
  });
export type ChangeSwitches = z.infer<typeof ChangeSwitches>;
