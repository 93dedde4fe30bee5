import { z } from 'zod';

const Positions = z.record(z.string().max(200), z.number().int().nonnegative());
const Due = z.strictObject({ dueMs: z.number().int(), key: z.string() });
export type Due = z.infer<typeof Due>;

/**
 * What the conductor says. `ask` is the only order: take in what is new (time, needs, pollable), fire what is named,
 * and answer `quiet` when nothing is under way any more.
 */
export const ConductorLine = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('welcome'), nowMs: z.number().int() }),
  z.strictObject({
    kind: z.literal('ask'),
    round: z.number().int(),
    nowMs: z.number().int().optional(),
    fire: z.strictObject({ kind: z.enum(['deadline', 'poll']), key: z.string() }).optional(),
    /** Positions that our readers of these lanes must reach first. */
    needs: Positions.optional(),
    pollable: z.number().int().optional(),
    /** Barriers are passed before the answer. */
    barriers: z.boolean(),
  }),
  z.strictObject({ kind: z.literal('explain') }),
  z.strictObject({ kind: z.literal('bye'), reason: z.string() }),
]);
export type ConductorLine = z.infer<typeof ConductorLine>;
export type Ask = Extract<ConductorLine, { kind: 'ask' }>;

/** What a participant says. Positions are those that moved since its last answer. */
export const ParticipantLine = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('hello'),
    name: z.string().min(1).max(100),
    rank: z.number().int().nonnegative(),
  }),
  z.strictObject({
    kind: z.literal('quiet'),
    round: z.number().int(),
    changes: z.number().int(),
    deadline: Due.optional(),
    poll: Due.optional(),
    produced: Positions.optional(),
    consumed: Positions.optional(),
    pollable: z.number().int(),
    failures: z.number().int(),
  }),
  z.strictObject({ kind: z.literal('explanation'), text: z.string() }),
]);
export type ParticipantLine = z.infer<typeof ParticipantLine>;
export type Quiet = Extract<ParticipantLine, { kind: 'quiet' }>;
