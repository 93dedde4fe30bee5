import { z } from 'zod';
import { DeadLetter } from '../dead-letter.ts';
import { ServiceStatus } from '../service-status.ts';
import { ServiceName } from '../services.ts';

const Check = z.strictObject({ ok: z.boolean(), detail: z.string() });

/** What each part of the system says of itself; a service that says nothing any more is `gone`. */
export const StatusReply = z.strictObject({
  services: z.array(
    z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('heard'), service: ServiceName, status: ServiceStatus }),
      z.strictObject({ kind: z.literal('gone'), service: ServiceName }),
    ]),
  ),
  bus: Check,
  database: Check,
});
export type StatusReply = z.infer<typeof StatusReply>;

/** Dead letters that one answer shows, the newest first. */
export const DEAD_LETTERS_SHOWN_MAX = 200;
/** Characters of a dead payload that the page shows; the stream keeps the whole. */
export const DEAD_PAYLOAD_SHOWN_MAX = 4_000;

export const DeadLetterItem = DeadLetter.omit({ headers: true });
export type DeadLetterItem = z.infer<typeof DeadLetterItem>;

export const DeadLettersReply = z.strictObject({
  items: z.array(DeadLetterItem).max(DEAD_LETTERS_SHOWN_MAX),
});
export type DeadLettersReply = z.infer<typeof DeadLettersReply>;
