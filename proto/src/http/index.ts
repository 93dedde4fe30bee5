export {
  CopyAttemptDetail,
  CopyAttemptItem,
  CopyAttemptsPage,
  CopyAttemptsQuery,
} from './attempts.ts';
export { ChangeItem, ChangesPage, ChangesQuery } from './changes.ts';
export {
  ChangeConfig,
  ChangeLeaderConfig,
  ConfigHistoryQuery,
  ConfigQuery,
  ConfigReply,
  CopyConfig,
} from './config.ts';
export { FillItem, FillsPage, FillsQuery } from './fills.ts';
export { ChangeLeader, ClearStop, FollowLeader, LeaderItem, LeadersPage, LeadersQuery } from './leaders.ts';
export { LedgerItem, LedgerPage, LedgerQuery } from './ledger.ts';
export { LiveOrderItem, LiveOrdersPage, LiveOrdersQuery } from './live-orders.ts';
export { PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX } from './paging.ts';
export {
  POSITIONS_SHOWN_MAX,
  PortfolioQuery,
  PortfolioReply,
  PositionItem,
  SnapshotItem,
  SnapshotsPage,
  SnapshotsQuery,
} from './portfolio.ts';
export { Problem } from './problem.ts';
export {
  COPY_HOPS,
  COPY_LAG_EDGES_MS,
  CopyHop,
  CopyLag,
  FillRate,
  MissedBy,
  MissReason,
  QUALITY_DAYS_DEFAULT,
  QUALITY_DAYS_MAX,
  QualitiesQuery,
  QualityItem,
  QualityPage,
  QualityQuery,
  QualityReply,
  Quantiles,
  SLIPPAGE_EDGES_MICROS,
  SlippageSummary,
  SourceDelays,
  TargetCuts,
  TradeOutcomes,
} from './quality.ts';
export { ReasonsReply } from './reasons.ts';
export { SourceItem, SourcesQuery, SourcesReply } from './sources.ts';
export {
  DEAD_LETTERS_SHOWN_MAX,
  DEAD_PAYLOAD_SHOWN_MAX,
  DeadLetterItem,
  DeadLettersReply,
  StatusReply,
} from './status.ts';
export { ChangeSwitches, SwitchesReply } from './switches.ts';
export { TradeItem, TradesPage, TradesQuery } from './trades.ts';
