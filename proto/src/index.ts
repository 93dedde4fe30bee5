export {
  BUCKETS,
  type BucketSpec,
  configBucket,
  cursorsBucket,
  feedsBucket,
  interestBucket,
  leadersBucket,
  statusBucket,
  switchesBucket,
} from './buckets.ts';
export {
  CHANNELS,
  type Channel,
  copyAttemptLive,
  copyAttemptPaper,
  copyDead,
  copyFillLive,
  copyFillPaper,
  copyIntentLive,
  copyIntentPaper,
  copyLeaderActivity,
  copyLeaderTrade,
  copyMarketBook,
  copyMarketMeta,
  copyMarketResolved,
  copyOrderLive,
  copyOrderPaper,
  copyPortfolioSnapshot,
  copyPortfolioState,
  type MessageOf,
} from './channels.ts';
export {
  DURABLES,
  type Durable,
  deciderLeaderTrades,
  liveExecIntents,
  paperExecIntents,
  portfolioFillsPaper,
  portfolioOrdersPaper,
  portfolioResolutions,
  TAILS,
} from './consumers.ts';
export { CopyAttempt, GROUP_PARTS_MAX, SourceType } from './copy-attempt.ts';
export { CopyIntent } from './copy-intent.ts';
export { DEAD_PAYLOAD_CHARACTERS_MAX, DeadLetter } from './dead-letter.ts';
export { Fill, FillStatus } from './fill.ts';
export {
  activityIdOf,
  attemptIdOf,
  groupKeyOf,
  intentIdOf,
  leaderTradeId,
  paperFillIdOf,
  paperOrderIdOf,
  type TradeIdentity,
  tradePartId,
  versionOf,
} from './ids.ts';
export { LeaderActivity, LeaderActivityType, LeaderTrade, TradeSource } from './leader-trade.ts';
export { BOOK_LEVELS_MAX, MarketBook, MarketMeta, MarketResolved } from './market.ts';
export { Guardrails, INITIAL_CONFIG, ModeConfig, PaperExecution, Sizing } from './mode-config.ts';
export { LiveOverride, LiveTradingState, PAPER_SCOPE, TradingMode } from './modes.ts';
export { FINAL_STATUSES, OrderEvent, OrderStatus } from './order-event.ts';
export { PortfolioSnapshot, PortfolioState } from './portfolio-event.ts';
export { REASONS, ReasonCode } from './reasons.ts';
export {
  BpsWire,
  ConditionId,
  Id,
  Instant,
  NotionalMicrosWire,
  PriceMicrosWire,
  RateMicrosWire,
  ShareDeltaMicrosWire,
  ShareMicrosWire,
  Side,
  Text,
  TokenId,
  TransactionHash,
  UsdMicrosWire,
  Wallet,
} from './scalars.ts';
export { FeedSession, Interest, ServiceStatus } from './service-status.ts';
export { SERVICES, ServiceName } from './services.ts';
export { STREAMS, type StreamName, type StreamSpec } from './streams.ts';
export { LEADER_WALLETS_MAX, Leader, Switches } from './switches.ts';
export { HEADERS, type Hops, HopsWire, type Trace } from './trace.ts';
