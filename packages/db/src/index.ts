export { type Column, INSERT_ROWS_MAX, type Insert, insertRows, insertTogether } from './bulk.ts';
export { type Database, type DatabaseHealth, type DatabaseOptions, openDatabase } from './client.ts';
export { isSerializationFailure, isUniqueViolation } from './errors.ts';
export { MigrationError, migrate } from './migrate.ts';
export { isOutage } from './outage.ts';
export {
  type Change,
  type Outbox,
  type OutboxMessage,
  type OutboxRow,
  type OutboxStore,
  outboxOf,
} from './outbox.ts';
export { OWNERS, type Owner, type Publisher, roleOf } from './owners.ts';
export { ensureRoles } from './roles.ts';
export { openSession, type Session, type SessionOptions } from './session.ts';
export type { DatabaseLog, Isolation, Sql, TxOptions } from './sql.ts';
export { TX_ATTEMPTS_MAX } from './transaction.ts';
