import { outboxOf } from '../outbox.ts';

/** Messages of the live executor, which is the schema's only table so far. */
export const OUTBOX = outboxOf('live');
