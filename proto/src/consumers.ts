import {
  type Channel,
  copyAccountLive,
  copyAttemptLive,
  copyAttemptPaper,
  copyDead,
  copyFillLive,
  copyFillPaper,
  copyIntentLive,
  copyIntentPaper,
  copyLeaderTrade,
  copyMarketBook,
  copyMarketMeta,
  copyMarketResolved,
  copyOrderLive,
  copyOrderPaper,
  copyOrderUpdateLive,
  copyPortfolioSnapshot,
  copyPortfolioState,
  liveIntentSubject,
} from './channels.ts';
import { LIVE_SCOPE } from './modes.ts';
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
  /** The one subject of its channel that it reads; null: all of the channel. */
  readonly subject: string | null;
};

/** The subjects that a durable reads, as its stream stores them. */
export const filterOf = ({
  channel,
  partition,
  subject,
}: Pick<Durable, 'channel' | 'partition' | 'subject'>): string =>
  subject ?? (partition === null ? channel.pattern : `${channel.pattern}.${partition}`);

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
  subject: null,
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
/**
 * One wallet's intents. Few are under way at once: an order is decided for the next seconds, and those that wait in
 * the stream are refused when they are too old, not sent late.
 */
export const liveExecIntentsOf = (scope: string): Durable<typeof copyIntentLive> =>
  durable(
    scope === LIVE_SCOPE ? 'live-exec-intents' : `live-exec-intents-${scope}`,
    'live-exec',
    copyIntentLive,
    {
      // Twice as many as may be on their way at once, so that the next are claimed while those are answered.
      batchMax: 32,
      ackPendingMax: 128,
      subject: liveIntentSubject(scope),
    },
  );
/** Each wallet hears of all updates and heeds its own: they only say when to ask. */
export const liveExecOrderUpdatesOf = (scope: string): Durable<typeof copyOrderUpdateLive> =>
  durable(
    scope === LIVE_SCOPE ? 'live-exec-order-updates' : `live-exec-order-updates-${scope}`,
    'live-exec',
    copyOrderUpdateLive,
  );
/** What the processes of one wallet work through, and those of no other. */
export const walletDurables = (scope: string): readonly Durable[] =>
  [liveExecIntentsOf(scope), liveExecOrderUpdatesOf(scope)] as unknown as readonly Durable[];
export const portfolioFillsLive = durable('portfolio-fills-live', 'portfolio', copyFillLive);
export const portfolioOrdersLive = durable('portfolio-orders-live', 'portfolio', copyOrderLive);
export const portfolioAccountsLive = durable('portfolio-accounts-live', 'portfolio', copyAccountLive);
export const portfolioFillsPaper = durable('portfolio-fills-paper', 'portfolio', copyFillPaper);
export const portfolioOrdersPaper = durable('portfolio-orders-paper', 'portfolio', copyOrderPaper);
export const portfolioResolutions = durable('portfolio-resolutions', 'portfolio', copyMarketResolved);

/** Those of an installation with one wallet; each further wallet has its own besides. */
export const DURABLES: readonly Durable[] = [
  ...deciderLeaderTrades,
  deciderSnapshots,
  paperExecIntents,
  ...walletDurables(LIVE_SCOPE),
  portfolioFillsPaper,
  portfolioOrdersPaper,
  portfolioFillsLive,
  portfolioOrdersLive,
  portfolioAccountsLive,
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
  'live-exec': [copyMarketBook, copyMarketMeta, copyAccountLive],
  'user-channel': [copyMarketMeta],
  portfolio: [copyMarketBook],
  gateway: [
    copyAttemptPaper,
    copyAttemptLive,
    copyOrderPaper,
    copyOrderLive,
    copyFillLive,
    copyPortfolioState,
    copyPortfolioSnapshot,
    copyDead,
  ],
} as unknown as Readonly<Record<ServiceName, readonly Channel[]>>;
