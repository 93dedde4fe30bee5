import {
  FillsPage,
  FillsQuery,
  LedgerPage,
  LedgerQuery,
  LiveOrdersPage,
  LiveOrdersQuery,
  TradesPage,
  TradesQuery,
} from '@slipstream/proto/http';
import { bare, defineRoute } from '../route.ts';
import { readFills } from '../store/fills.ts';
import { readLedger } from '../store/ledger.ts';
import { readLiveOrders } from '../store/live-orders.ts';
import { readTrades } from '../store/trades.ts';

export const listFills = defineRoute({
  ...bare,
  method: 'get',
  path: '/api/fills',
  summary: 'Our fills, the newest first: one for each level of a book that an order took.',
  query: FillsQuery,
  reply: FillsPage,
  handler: ({ db }, { query }) => readFills(db, query),
});

export const listTrades = defineRoute({
  ...bare,
  method: 'get',
  path: '/api/trades',
  summary: 'The leaders’ trades as we saw them, the latest to happen first.',
  query: TradesQuery,
  reply: TradesPage,
  handler: ({ db }, { query }) => readTrades(db, query),
});

export const listLedger = defineRoute({
  ...bare,
  method: 'get',
  path: '/api/ledger',
  summary: 'Every booking of an account, the latest first. Their sums are the account and its positions.',
  query: LedgerQuery,
  reply: LedgerPage,
  handler: ({ db }, { query }) => readLedger(db, query),
});

export const listLiveOrders = defineRoute({
  ...bare,
  method: 'get',
  path: '/api/live-orders',
  summary:
    'What became of every live decision, the newest first: orders, what was planned in shadow, and what was not sent and why.',
  query: LiveOrdersQuery,
  reply: LiveOrdersPage,
  handler: ({ db }, { query }) => readLiveOrders(db, query),
});
