import { z } from 'zod';
import { Id, Instant, NotionalMicrosWire, TokenId } from './scalars.ts';

/** A service's heartbeat and figures, kept with a short life: a key that is gone is a service that is gone. */
export const ServiceStatus = z.strictObject({
  service: Id,
  state: z.enum(['starting', 'ready', 'degraded', 'off', 'stopping']),
  /** One sentence for a person; for `off`, why. */
  detail: z.string().max(500),
  pid: z.int().min(1),
  version: z.string().max(50),
  startedAt: Instant,
  at: Instant,
  checks: z.record(z.string().max(60), z.strictObject({ ok: z.boolean(), detail: z.string().max(300) })),
  figures: z.record(z.string().max(60), z.union([z.string().max(100), z.number(), z.null()])),
});
export type ServiceStatus = z.infer<typeof ServiceStatus>;

/** A token that somebody needs a book and metadata of; `refreshAt` asks for the book by REST at once. */
export const Interest = z.strictObject({
  tokenId: TokenId,
  wantedBy: Id,
  since: Instant,
  refreshAt: Instant.nullable(),
});
export type Interest = z.infer<typeof Interest>;

/** Proof that a market data session lives: every book it delivered is true as of `aliveAt`. */
export const FeedSession = z.strictObject({ sessionId: Id, aliveAt: Instant, open: z.boolean() });
export type FeedSession = z.infer<typeof FeedSession>;

/** What a leader's own positions are worth, as the exchange values them. */
export const LeaderExposure = z.strictObject({
  leaderId: Id,
  exposureMicros: NotionalMicrosWire,
  asOf: Instant,
});
export type LeaderExposure = z.infer<typeof LeaderExposure>;
