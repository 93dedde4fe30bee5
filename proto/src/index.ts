export { ACCOUNT_POSITIONS_MAX, AccountState } from './account-state.ts';
export {
  BUCKETS,
  type BucketSpec,
  configBucket,
  cursorsBucket,
  exposuresBucket,
  feedsBucket,
  interestBucket,
  leadersBucket,
  statusBucket,
  switchesBucket,
} from './buckets.ts';
export {
  CHANNELS,
  type Channel,
  copyAccountLive,
  copyAttemptLive,
  copyAttemptPaper,
  copyDead,
  copyFillLive,
  copyFillPaper,
  copyIntentLive,
  copyIntentPaper,
  copyLeaderActivity,
  copyLeaderTrade,
  copyLeaderTradeRemoved,
  copyMarketBook,
  copyMarketMeta,
  copyMarketResolved,
  copyOrderLive,
  copyOrderPaper,
  copyOrderUpdateLive,
  copyPortfolioSnapshot,
  copyPortfolioState,
  liveIntentSubject,
  type MessageOf,
} from './channels.ts';
export { Buffering } from './config/buffering.ts';
export { CapitalStop } from './config/capital-stop.ts';
export { LiveExecution, PaperExecution } from './config/execution.ts';
export { Guardrails } from './config/guardrails.ts';
export { inherit } from './config/inherit.ts';
export { INITIAL_RULES } from './config/initial.ts';
export { ConfigDocument, configKeyOf, LeaderConfig, ModeConfig } from './config/mode-config.ts';
export { createRulebook, type EffectiveRules, type Rulebook } from './config/rulebook.ts';
export { LeaderRules, Rules } from './config/rules.ts';
export { Sizing } from './config/sizing.ts';
export {
  DURABLES,
  type Durable,
  deciderLeaderTrades,
  deciderSnapshots,
  filterOf,
  liveExecIntentsOf,
  liveExecOrderUpdatesOf,
  paperExecIntents,
  portfolioAccountsLive,
  portfolioFillsLive,
  portfolioFillsPaper,
  portfolioOrdersLive,
  portfolioOrdersPaper,
  portfolioResolutions,
  TAILS,
  walletDurables,
} from './consumers.ts';
export { CopyAttempt, GROUP_PARTS_MAX, SourceType } from './copy-attempt.ts';
export { CopyIntent } from './copy-intent.ts';
export { DEAD_PAYLOAD_CHARACTERS_MAX, DeadLetter } from './dead-letter.ts';
export { Fill, FillStatus } from './fill.ts';
export {
  activityIdOf,
  attemptIdOf,
  exitKeyOf,
  groupKeyOf,
  intentIdOf,
  leaderTradeId,
  liveOrderKeyOf,
  paperFillIdOf,
  paperOrderIdOf,
  removalIdOf,
  type TradeIdentity,
  tradePartId,
  versionOf,
} from './ids.ts';
export {
  LeaderActivity,
  LeaderActivityType,
  LeaderTrade,
  LeaderTradeRemoved,
  TradeSource,
} from './leader-trade.ts';
export { BOOK_LEVELS_MAX, MarketBook, MarketMeta, MarketResolved } from './market.ts';
export { LIVE_SCOPE, LiveOverride, LiveTradingState, PAPER_SCOPE, TradingMode, WalletId } from './modes.ts';
export { FINAL_STATUSES, OrderEvent, OrderStatus } from './order-event.ts';
export { OrderUpdate } from './order-update.ts';
export { LEADER_PARTITIONS, partitionOf } from './partitions.ts';
export { PortfolioSnapshot, PortfolioState } from './portfolio-event.ts';
export { REASON_DETAILS, REASONS, ReasonCode, ReasonDetail } from './reasons.ts';
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
export { FeedSession, Interest, LeaderExposure, ServiceStatus } from './service-status.ts';
export { SERVICES, ServiceName } from './services.ts';
export { STREAMS, type StreamName, type StreamSpec } from './streams.ts';
export { LEADER_WALLETS_MAX, Leader, Switches } from './switches.ts';
export { HEADERS, type Hops, HopsWire, type Trace } from './trace.ts';
