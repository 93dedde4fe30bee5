import {
  type Channel,
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
};

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
  ...over,
  name,
  service,
  channel,
});

export const deciderLeaderTrades = durable('decider-leader-trades', 'decider', copyLeaderTrade);
export const paperExecIntents = durable('paper-exec-intents', 'paper-exec', copyIntentPaper);
export const liveExecIntents = durable('live-exec-intents', 'live-exec', copyIntentLive, { batchMax: 1 });
export const portfolioFillsPaper = durable('portfolio-fills-paper', 'portfolio', copyFillPaper);
export const portfolioOrdersPaper = durable('portfolio-orders-paper', 'portfolio', copyOrderPaper);
export const portfolioResolutions = durable('portfolio-resolutions', 'portfolio', copyMarketResolved);

export const DURABLES: readonly Durable[] = [
  deciderLeaderTrades,
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
  gateway: [copyAttemptPaper, copyOrderPaper, copyPortfolioState, copyPortfolioSnapshot, copyDead],
} as unknown as Readonly<Record<ServiceName, readonly Channel[]>>;
