import {
  type Channel,
  copyAttemptLive,
  copyAttemptPaper,
  copyDead,
  copyFillPaper,
  copyIntentLive,
  copyIntentPaper,
  copyLeaderTrade,
  copyMarketBook,
  copyMarketMeta,
  copyMarketResolved,
  copyOrderPaper,
  copyPortfolioSnapshot,
  copyPortfolioState,
} from './channels.ts';
import { LEADER_PARTITIONS } from './partitions.ts';
import type { ServiceName } from './services.ts';

/** A durable pull consumer as data: who reads what, how often it is tried, and how much may be under way. */
export type Durable<C extends Channel = Channel> = {
  readonly name: string;
  readonly service: ServiceName;
  readonly channel: C;
  /** Deliveries before a message goes to the dead letters. */
  readonly deliveriesMax: number;
  readonly ackWaitMs: number;
  /** Waits before the second, third … delivery; the last repeats. */
  readonly backoffMs: readonly number[];
  readonly ackPendingMax: number;
  /** Messages handed to a handler at once. */
  readonly batchMax: number;
  /** The one partition of a partitioned channel that it reads; null: all of the channel. */
  readonly partition: number | null;
};

/** The subjects that a durable reads, as its stream stores them. */
export const filterOf = ({ channel, partition }: Pick<Durable, 'channel' | 'partition'>): string =>
  partition === null ? channel.pattern : `${channel.pattern}.${partition}`;

const durable = <C extends Channel>(
  name: string,
  service: ServiceName,
  channel: C,
  over: Partial<Durable> = {},
): Durable<C> => ({
  deliveriesMax: 8,
  // What a killed reader had in hand comes back after this, well before an intent expires.
  ackWaitMs: 5_000,
  backoffMs: [100, 500, 2_000, 10_000],
  ackPendingMax: 2_000,
  batchMax: 256,
  partition: null,
  ...over,
  name,
  service,
  channel,
});

/** One per partition: whoever holds the partition is its one active reader. */
export const deciderLeaderTrades: readonly Durable<typeof copyLeaderTrade>[] = Array.from(
  { length: LEADER_PARTITIONS },
  (_, partition) => durable(`decider-leader-trades-${partition}`, 'decider', copyLeaderTrade, { partition }),
);
export const deciderSnapshots = durable('decider-snapshots', 'decider', copyPortfolioSnapshot);
export const paperExecIntents = durable('paper-exec-intents', 'paper-exec', copyIntentPaper);
export const liveExecIntents = durable('live-exec-intents', 'live-exec', copyIntentLive, { batchMax: 1 });
export const portfolioFillsPaper = durable('portfolio-fills-paper', 'portfolio', copyFillPaper);
export const portfolioOrdersPaper = durable('portfolio-orders-paper', 'portfolio', copyOrderPaper);
export const portfolioResolutions = durable('portfolio-resolutions', 'portfolio', copyMarketResolved);

export const DURABLES: readonly Durable[] = [
  ...deciderLeaderTrades,
  deciderSnapshots,
  paperExecIntents,
  liveExecIntents,
  portfolioFillsPaper,
  portfolioOrdersPaper,
  portfolioResolutions,
] as unknown as readonly Durable[];

/**
 * Who keeps the last message per subject of a channel in memory (or, for the gateway, forwards what is new to the
 * page), without acknowledging anything.
 */
export const TAILS: Readonly<Record<ServiceName, readonly Channel[]>> = {
  ingest: [],
  decider: [copyMarketBook, copyMarketMeta],
  'paper-exec': [copyMarketBook, copyMarketMeta],
  'live-exec': [],
  'user-channel': [],
  portfolio: [copyMarketBook],
  gateway: [
    copyAttemptPaper,
    copyAttemptLive,
    copyOrderPaper,
    copyPortfolioState,
    copyPortfolioSnapshot,
    copyDead,
  ],
} as unknown as Readonly<Record<ServiceName, readonly Channel[]>>;
