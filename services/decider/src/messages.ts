import { encode } from '@slipstream/bus';
import type { OutboxMessage } from '@slipstream/db';
import {
  copyAttemptLive,
  copyAttemptPaper,
  copyIntentLive,
  copyIntentPaper,
  type TradingMode,
} from '@slipstream/proto';
import type { Decided } from './store/attempts.ts';

/** The modes meet in no subject. */
const CHANNELS_OF = {
  PAPER: { attempt: copyAttemptPaper, intent: copyIntentPaper },
  LIVE: { attempt: copyAttemptLive, intent: copyIntentLive },
} as const satisfies Record<TradingMode, unknown>;

/** What one decision announces: the command first, since somebody waits for it, then the record of it. */
export function messagesOf({ attempt, intent, trace }: Decided): readonly OutboxMessage[] {
  const channels = CHANNELS_OF[attempt.mode];
  const record = encode(channels.attempt, attempt, trace);
  return intent === null ? [record] : [encode(channels.intent, intent, trace), record];
}
