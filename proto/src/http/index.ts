export {
  CopyAttemptDetail,
  CopyAttemptItem,
  CopyAttemptsPage,
  CopyAttemptsQuery,
} from './attempts.ts';
export { ConfigQuery } from './config.ts';
export { FillItem, FillsPage, FillsQuery } from './fills.ts';
export { ChangeLeader, FollowLeader, LeaderItem, LeadersPage, LeadersQuery } from './leaders.ts';
export { LedgerItem, LedgerPage, LedgerQuery } from './ledger.ts';
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
export { ReasonsReply } from './reasons.ts';
export {
  DEAD_LETTERS_SHOWN_MAX,
  DEAD_PAYLOAD_SHOWN_MAX,
  DeadLetterItem,
  DeadLettersReply,
  StatusReply,
} from './status.ts';
export { ChangeSwitches, SwitchesReply } from './switches.ts';
export { TradeItem, TradesPage, TradesQuery } from './trades.ts';
