import { z } from 'zod';
import { LiveTradingState } from '../modes.ts';
import { Instant } from '../scalars.ts';

export const SwitchesReply = z.strictObject({
  copyEngineEnabled: z.boolean(),
  liveTradingState: LiveTradingState,
  version: z.int().min(1),
  changedAt: Instant,
  changedBy: z.string(),
});
export type SwitchesReply = z.infer<typeof SwitchesReply>;

export const ChangeSwitches = z
  .strictObject({
    copyEngineEnabled: z.boolean().optional(),
    liveTradingState: LiveTradingState.optional(),
  })
  .refine((change) => change.copyEngineEnabled !== undefined || change.liveTradingState !== undefined, {
    message: 'wants at least one of copyEngineEnabled, liveTradingState',
  });
export type ChangeSwitches = z.infer<typeof ChangeSwitches>;
