import type { Database } from '../client.ts';
import { type ModelName, modelsOf, type ReadModels } from '../models.ts';

type Portfolio =
  | 'ledgerEntry'
  | 'account'
  | 'position'
  | 'attemptExecution'
  | 'portfolioSnapshot'
  | 'settlement'
  | 'seenResolution';

/** What the decider and the paper executor may see of the portfolio. */
export const portfolioReads = (db: Database): Promise<ReadModels<Portfolio>> => modelsOf<Portfolio>(db);

/** What the gateway may see: everything. */
export const allReads = (db: Database): Promise<ReadModels<ModelName>> => modelsOf<ModelName>(db);
