import type { Database } from '../client.ts';
import { type Models, modelsOf } from '../models.ts';
import { outboxOf } from '../outbox.ts';

/** Tables that only portfolio writes. */
export const TABLES = {
  ledgerEntry: 'portfolio.ledger_entry',
  account: 'portfolio.account',
  position: 'portfolio.position',
  attemptExecution: 'portfolio.attempt_execution',
  baselinePosition: 'portfolio.baseline_position',
  portfolioSnapshot: 'portfolio.portfolio_snapshot',
  settlement: 'portfolio.settlement',
  resolution: 'portfolio.resolution',
} as const;

export const OUTBOX = outboxOf('portfolio');

type Own =
  | 'ledgerEntry'
  | 'account'
  | 'position'
  | 'attemptExecution'
  | 'baselinePosition'
  | 'portfolioSnapshot'
  | 'settlement'
  | 'seenResolution';

export const portfolioModels = (db: Database): Promise<Models<Own>> => modelsOf<Own>(db);
