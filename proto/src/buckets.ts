import { z } from 'zod';
import { ConfigDocument } from './config/mode-config.ts';
import { FeedSession, Interest, LeaderExposure, ServiceStatus } from './service-status.ts';
import { SERVICES, type ServiceName } from './services.ts';
import { Leader, Switches } from './switches.ts';

/** A key-value bucket as data. Zero for `ttlMs`: keys live until they are changed. */
export type BucketSpec<S extends z.ZodType = z.ZodType> = {
  readonly name: string;
  readonly summary: string;
  readonly schema: S;
  readonly storage: 'file' | 'memory';
  readonly ttlMs: number;
  readonly history: number;
  readonly writers: readonly ServiceName[];
  readonly readers: readonly ServiceName[];
};

const bucket = <S extends z.ZodType>(spec: BucketSpec<S>): BucketSpec<S> => spec;

/** Key `global`. */
export const switchesBucket = bucket({
  name: 'switches',
  summary: 'The global trading switches.',
  schema: Switches,
  storage: 'file',
  ttlMs: 0,
  history: 10,
  writers: ['gateway'],
  readers: ['ingest', 'decider', 'paper-exec', 'live-exec', 'user-channel', 'portfolio'],
});

/** Keys by `configKeyOf`: `mode.PAPER`, `mode.LIVE`, `leader.<mode>.<leader>`. */
export const configBucket = bucket({
  name: 'config',
  summary: 'One versioned configuration document per mode and leader.',
  schema: ConfigDocument,
  storage: 'file',
  ttlMs: 0,
  history: 10,
  writers: ['gateway'],
  readers: ['ingest', 'decider', 'paper-exec', 'live-exec', 'portfolio'],
});

/** Keys are leader ids. */
export const leadersBucket = bucket({
  name: 'leaders',
  summary: 'The followed leaders, their wallets and their own switches.',
  schema: Leader,
  storage: 'file',
  ttlMs: 0,
  history: 10,
  writers: ['gateway'],
  readers: ['ingest', 'decider', 'live-exec', 'portfolio'],
});

/** Keys are token ids. */
export const interestBucket = bucket({
  name: 'interest',
  summary: 'Tokens that somebody needs a book and metadata of.',
  schema: Interest,
  storage: 'file',
  ttlMs: 0,
  history: 1,
  writers: ['decider', 'paper-exec', 'live-exec', 'user-channel', 'portfolio'],
  readers: ['ingest'],
});

/** Keys are session ids. */
export const feedsBucket = bucket({
  name: 'feeds',
  summary: 'Which market data sessions, and which sessions of accounts, live, and since when that is known.',
  schema: FeedSession,
  storage: 'memory',
  ttlMs: 600_000,
  history: 1,
  writers: ['ingest', 'user-channel'],
  readers: ['decider', 'paper-exec', 'live-exec', 'portfolio'],
});

/** Keys are leader ids. */
export const exposuresBucket = bucket({
  name: 'exposures',
  summary: 'What a leader’s own positions are worth, for sizing by his exposure.',
  schema: LeaderExposure,
  storage: 'memory',
  ttlMs: 600_000,
  history: 1,
  writers: ['ingest'],
  readers: ['decider'],
});

/** Keys are service names. */
export const statusBucket = bucket({
  name: 'status',
  summary: 'Each service’s heartbeat and figures.',
  schema: ServiceStatus,
  storage: 'memory',
  ttlMs: 30_000,
  history: 1,
  writers: SERVICES,
  readers: ['gateway'],
});

/** Keys are names of feeds; the user channel, which has no database, keeps its cursor here. */
export const cursorsBucket = bucket({
  name: 'cursors',
  summary: 'How far a service without a database has read.',
  schema: z.strictObject({ cursor: z.string().max(500), at: z.iso.datetime({ precision: 3 }) }),
  storage: 'file',
  ttlMs: 0,
  history: 1,
  writers: ['user-channel'],
  readers: ['user-channel'],
});

export const BUCKETS: readonly BucketSpec[] = [
  switchesBucket,
  configBucket,
  leadersBucket,
  interestBucket,
  feedsBucket,
  exposuresBucket,
  statusBucket,
  cursorsBucket,
] as unknown as readonly BucketSpec[];
