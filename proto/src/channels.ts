import type { z } from 'zod';
import { AccountState } from './account-state.ts';
import { CopyAttempt } from './copy-attempt.ts';
import { CopyIntent } from './copy-intent.ts';
import { DeadLetter } from './dead-letter.ts';
import { Fill } from './fill.ts';
import { removalIdOf } from './ids.ts';
import { LeaderActivity, LeaderTrade, LeaderTradeRemoved } from './leader-trade.ts';
import { MarketBook, MarketMeta, MarketResolved } from './market.ts';
import { LIVE_SCOPE } from './modes.ts';
import { OrderEvent } from './order-event.ts';
import { OrderUpdate } from './order-update.ts';
import { LEADER_PARTITIONS } from './partitions.ts';
import { PortfolioSnapshot, PortfolioState } from './portfolio-event.ts';
import type { ServiceName } from './services.ts';
import type { StreamName } from './streams.ts';

/**
 * One kind of message: its schema, its subject, its id, and its one publisher.
 *
 * `messageId` is the business id, so that the stream's dedupe window and the database's unique key agree; null where
 * only the last message per subject counts.
 */
export type Channel<S extends z.ZodType = z.ZodType> = {
  readonly name: string;
  readonly summary: string;
  readonly version: number;
  readonly schema: S;
  readonly stream: StreamName;
  /** The subject with `*` for its key: what a consumer of the whole channel filters on. */
  readonly pattern: string;
  readonly subject: (message: z.output<S>) => string;
  readonly messageId: (message: z.output<S>) => string | null;
  readonly publishers: readonly ServiceName[];
  /** Into how many partitions its stream sorts it by the key of the subject; absent where it does not. */
  readonly partitions?: number;
};

export type MessageOf<C> = C extends Channel<infer S> ? z.output<S> : never;

const channel = <S extends z.ZodType>(spec: Channel<S>): Channel<S> => spec;

export const copyLeaderTrade = channel({
  name: 'copyLeaderTrade',
  summary: 'A trade that a followed leader made.',
  version: 1,
  schema: LeaderTrade,
  stream: 'LEADER',
  pattern: 'copy.leader.trade.*',
  subject: (m) => `copy.leader.trade.${m.wallet}`,
  messageId: (m) => m.tradeId,
  publishers: ['ingest'],
  partitions: LEADER_PARTITIONS,
});

export const copyLeaderTradeRemoved = channel({
  name: 'copyLeaderTradeRemoved',
  summary: 'What a reorganisation of the chain took back of a published leader trade.',
  version: 1,
  schema: LeaderTradeRemoved,
  stream: 'LEADER',
  pattern: 'copy.leader.removed.*',
  subject: (m) => `copy.leader.removed.${m.wallet}`,
  messageId: (m) => removalIdOf(m.tradeId, m.removal),
  publishers: ['ingest'],
});

export const copyLeaderActivity = channel({
  name: 'copyLeaderActivity',
  summary: 'A split, merge, redemption, conversion or transfer of a followed leader.',
  version: 1,
  schema: LeaderActivity,
  stream: 'LEADER',
  pattern: 'copy.leader.activity.*',
  subject: (m) => `copy.leader.activity.${m.wallet}`,
  messageId: (m) => m.activityId,
  publishers: ['ingest'],
});

export const copyMarketBook = channel({
  name: 'copyMarketBook',
  summary: 'The order book of a token of interest, whole, as last known.',
  version: 1,
  schema: MarketBook,
  stream: 'BOOKS',
  pattern: 'copy.market.book.*',
  subject: (m) => `copy.market.book.${m.tokenId}`,
  messageId: () => null,
  publishers: ['ingest'],
});

export const copyMarketMeta = channel({
  name: 'copyMarketMeta',
  summary: 'Tick, minimum, fees, end and state of a token of interest.',
  version: 1,
  schema: MarketMeta,
  stream: 'MARKETS',
  pattern: 'copy.market.meta.*',
  subject: (m) => `copy.market.meta.${m.tokenId}`,
  messageId: (m) => `${m.tokenId}:${m.version}`,
  publishers: ['ingest'],
});

export const copyMarketResolved = channel({
  name: 'copyMarketResolved',
  summary: 'A condition paid out.',
  version: 1,
  schema: MarketResolved,
  stream: 'MARKETS',
  pattern: 'copy.market.resolved.*',
  subject: (m) => `copy.market.resolved.${m.conditionId}`,
  messageId: (m) => `${m.conditionId}:${m.version}`,
  publishers: ['ingest'],
});

const intent = (mode: 'paper' | 'live') =>
  channel({
    name: mode === 'paper' ? 'copyIntentPaper' : 'copyIntentLive',
    summary: `The command to copy one leader group, once, ${mode === 'paper' ? 'on paper' : 'for real'}.`,
    version: 1,
    schema: CopyIntent,
    stream: 'INTENTS',
    pattern: `copy.intent.${mode}`,
    subject: () => `copy.intent.${mode}`,
    messageId: (m) => m.intentId,
    publishers: ['decider'],
  });
export const copyIntentPaper = intent('paper');
/** The subject of one wallet's intents: the wallet of an installation with one needs no name. */
export const liveIntentSubject = (scope: string): string =>
  scope === LIVE_SCOPE ? 'copy.intent.live' : `copy.intent.live.${scope}`;
export const copyIntentLive = channel({
  ...intent('live'),
  summary:
    'The command to copy one leader group, once, for real; further wallets have their id as the last word.',
  subject: (m) => liveIntentSubject(m.scope),
});

const attempt = (mode: 'paper' | 'live') =>
  channel({
    name: mode === 'paper' ? 'copyAttemptPaper' : 'copyAttemptLive',
    summary: 'What was decided for one leader group: to copy it, or why not.',
    version: 1,
    schema: CopyAttempt,
    stream: 'ATTEMPTS',
    pattern: `copy.attempt.${mode}`,
    subject: () => `copy.attempt.${mode}`,
    messageId: (m) => m.attemptId,
    publishers: ['decider'],
  });
export const copyAttemptPaper = attempt('paper');
export const copyAttemptLive = attempt('live');

const order = (mode: 'paper' | 'live') =>
  channel({
    name: mode === 'paper' ? 'copyOrderPaper' : 'copyOrderLive',
    summary: 'One step in the life of one of our orders.',
    version: 1,
    schema: OrderEvent,
    stream: 'ORDERS',
    pattern: `copy.order.${mode}`,
    subject: () => `copy.order.${mode}`,
    messageId: (m) => `${m.orderId}:${m.version}`,
    publishers: [mode === 'paper' ? 'paper-exec' : 'live-exec'],
  });
export const copyOrderPaper = order('paper');
export const copyOrderLive = order('live');

const fill = (mode: 'paper' | 'live') =>
  channel({
    name: mode === 'paper' ? 'copyFillPaper' : 'copyFillLive',
    summary: 'Our part of a trade, with how far it has settled.',
    version: 1,
    schema: Fill,
    stream: 'FILLS',
    pattern: `copy.fill.${mode}`,
    subject: () => `copy.fill.${mode}`,
    messageId: (m) => `${m.fillId}:${m.status}`,
    publishers: [mode === 'paper' ? 'paper-exec' : 'user-channel'],
  });
export const copyFillPaper = fill('paper');
export const copyFillLive = fill('live');

export const copyOrderUpdateLive = channel({
  name: 'copyOrderUpdateLive',
  summary: 'What the exchange says of one of the account’s orders.',
  version: 1,
  schema: OrderUpdate,
  stream: 'ORDERS',
  pattern: 'copy.order.update.live',
  subject: () => 'copy.order.update.live',
  messageId: (m) => `${m.clobOrderId}:${m.status}:${m.sizeMatchedMicros}`,
  publishers: ['user-channel'],
});

export const copyAccountLive = channel({
  name: 'copyAccountLive',
  summary: 'What the exchange says that the wallet has.',
  version: 1,
  schema: AccountState,
  stream: 'ACCOUNT',
  pattern: 'copy.account.live',
  subject: () => 'copy.account.live',
  messageId: (m) => `${m.scope}:${m.asOf}`,
  publishers: ['user-channel'],
});

export const copyPortfolioState = channel({
  name: 'copyPortfolioState',
  summary: 'The account of one mode after its latest booking.',
  version: 1,
  schema: PortfolioState,
  stream: 'PORTFOLIO_STATE',
  pattern: 'copy.portfolio.state.*',
  subject: (m) => `copy.portfolio.state.${m.mode.toLowerCase()}`,
  messageId: () => null,
  publishers: ['portfolio'],
});

export const copyPortfolioSnapshot = channel({
  name: 'copyPortfolioSnapshot',
  summary: 'The account of one mode, or one leader’s slice of it, at the end of a minute.',
  version: 1,
  schema: PortfolioSnapshot,
  stream: 'PORTFOLIO',
  pattern: 'copy.portfolio.snapshot.*',
  subject: (m) => `copy.portfolio.snapshot.${m.mode.toLowerCase()}`,
  messageId: (m) => `${m.mode}:${m.scope}:${m.leaderId ?? '-'}:${m.bucketTime}`,
  publishers: ['portfolio'],
});

export const copyDead = channel({
  name: 'copyDead',
  summary: 'A message that a service could not handle.',
  version: 1,
  schema: DeadLetter,
  stream: 'DEAD',
  pattern: 'copy.dead.*',
  subject: (m) => `copy.dead.${m.service}`,
  messageId: (m) => m.deadId,
  publishers: ['ingest', 'decider', 'paper-exec', 'live-exec', 'user-channel', 'portfolio', 'gateway'],
});

/** Every channel, in the order in which a trade meets them. */
export const CHANNELS: readonly Channel[] = [
  copyLeaderTrade,
  copyLeaderTradeRemoved,
  copyLeaderActivity,
  copyMarketBook,
  copyMarketMeta,
  copyMarketResolved,
  copyAttemptPaper,
  copyAttemptLive,
  copyIntentPaper,
  copyIntentLive,
  copyOrderPaper,
  copyOrderLive,
  copyFillPaper,
  copyFillLive,
  copyOrderUpdateLive,
  copyAccountLive,
  copyPortfolioState,
  copyPortfolioSnapshot,
  copyDead,
] as unknown as readonly Channel[];
