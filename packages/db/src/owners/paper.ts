import type { Database } from '../client.ts';
import { type Models, modelsOf } from '../models.ts';
import { outboxOf } from '../outbox.ts';

/** Tables that only the paper executor writes. */
export const TABLES = { paperOrder: 'paper.paper_order', paperFill: 'paper.paper_fill' } as const;

export const OUTBOX = outboxOf('paper');

type Own = 'paperOrder' | 'paperFill';

export const paperModels = (db: Database): Promise<Models<Own>> => modelsOf<Own>(db);
