import { z } from 'zod';

/** The seven services, in the order in which a trade meets them. */
export const SERVICES = [
  'ingest',
  'decider',
  'paper-exec',
  'live-exec',
  'user-channel',
  'portfolio',
  'gateway',
] as const;
export const ServiceName = z.enum(SERVICES);
export type ServiceName = z.infer<typeof ServiceName>;
