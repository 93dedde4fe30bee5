import type { Route } from './route.ts';
import { listAttempts, showAttempt } from './routes/attempts.ts';
import { changeSwitches, listReasons, showConfig, showSwitches } from './routes/control.ts';
import { changeLeader, followLeader, listLeaders } from './routes/leaders.ts';
import { listFills, listLedger, listTrades } from './routes/lists.ts';
import { listSnapshots, showPortfolio } from './routes/portfolio.ts';
import { events, listDeadLetters, showStatus } from './routes/status.ts';

/** The whole API as one table: it mounts the handlers and prints the document. */
export const ROUTES: readonly Route[] = [
  listAttempts,
  showAttempt,
  showPortfolio,
  listSnapshots,
  listLedger,
  listFills,
  listTrades,
  listLeaders,
  followLeader,
  changeLeader,
  showSwitches,
  changeSwitches,
  showConfig,
  listReasons,
  showStatus,
  listDeadLetters,
  events,
];
