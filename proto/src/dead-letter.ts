import { z } from 'zod';
import { Id, Instant } from './scalars.ts';

/** The longest payload that a dead letter keeps whole. */
export const DEAD_PAYLOAD_CHARACTERS_MAX = 400_000;

/** A message that a service could not handle, with everything needed to look at it and to send it again. */
export const DeadLetter = z.strictObject({
  deadId: Id,
  service: Id,
  durable: Id,
  stream: z.string().max(100),
  subject: z.string().max(300),
  sequence: z.int().min(0),
  deliveries: z.int().min(0),
  reason: z.enum(['schema', 'poison', 'exhausted', 'feed']),
  error: z.string().max(4_000),
  headers: z.record(z.string().max(100), z.string().max(4_000)),
  payload: z.string().max(DEAD_PAYLOAD_CHARACTERS_MAX),
  at: Instant,
});
export type DeadLetter = z.infer<typeof DeadLetter>;
