import type { Route } from './route.ts';
import { listAttempts, showAttempt } from './routes/attempts.ts';
import {
  changeConfig,
  changeLeaderConfig,
  copyConfig,
  listChanges,
  listConfigHistory,
  showConfig,
} from './routes/config.ts';
import { changeSwitches, listReasons, showSwitches } from './routes/control.ts';
import { changeLeader, clearStop, followLeader, listLeaders } from './routes/leaders.ts';
import { listFills, listLedger, listLiveOrders, listTrades } from './routes/lists.ts';
import { listSnapshots, showPortfolio } from './routes/portfolio.ts';
import { listQualities, showQuality } from './routes/quality.ts';
import { listSources } from './routes/sources.ts';
import { events, listDeadLetters, showStatus } from './routes/status.ts';

/** The whole API as one table: it mounts the handlers and prints the document. */
export const ROUTES: readonly Route[] = [
  listAttempts,
  showAttempt,
  showPortfolio,
  listSnapshots,
  listLedger,
  listFills,
  listLiveOrders,
  listTrades,
  listSources,
  listLeaders,
  followLeader,
  changeLeader,
  clearStop,
  listQualities,
  showQuality,
  showSwitches,
  changeSwitches,
  showConfig,
  changeConfig,
  changeLeaderConfig,
  copyConfig,
  listConfigHistory,
  listChanges,
  listReasons,
  showStatus,
  listDeadLetters,
  events,
];
