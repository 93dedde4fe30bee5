import { PortfolioQuery, PortfolioReply, SnapshotsPage, SnapshotsQuery } from '@slipstream/proto/http';
import { bare, defineRoute } from '../route.ts';
import { readPortfolio, readSnapshots } from '../store/portfolio.ts';

export const showPortfolio = defineRoute({
  ...bare,
  method: 'get',
  path: '/api/portfolio',
  summary:
    'The account of one mode now: cash, equity, exposure, profit and loss, and its positions with their marks.',
  query: PortfolioQuery,
  reply: PortfolioReply,
  handler: ({ db, now }, { query }) => readPortfolio(db, query.tradingMode ?? 'PAPER', now()),
});

export const listSnapshots = defineRoute({
  ...bare,
  method: 'get',
  path: '/api/portfolio/snapshots',
  summary:
    'The account at the end of each minute in which it changed; a minute without a row repeats the one before.',
  query: SnapshotsQuery,
  reply: SnapshotsPage,
  handler: ({ db }, { query }) => readSnapshots(db, query),
});
