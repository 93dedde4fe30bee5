/**
 * What runs statements: a database (each statement on its own) or a transaction.
 *
 * Values come back as `int8` → bigint, `timestamptz` → Date, `jsonb` → parsed, `numeric` → text. As parameters a
 * bigint, a Date, text, a boolean or an array of these go as they are; `jsonb` wants `JSON.stringify` first, since
 * the driver takes a bare array for a PostgreSQL array. `R` is the caller's claim about the row: nothing checks it.
 */
export type Sql = {
  query<R>(text: string, params?: readonly unknown[]): Promise<R[]>;
};

/** What a transaction may see. The default is PostgreSQL's own, read committed. */
export type Isolation = 'read committed' | 'repeatable read' | 'serializable';

export type TxOptions = {
  readonly isolation?: Isolation;
  readonly readOnly?: boolean;
  /**
   * An advisory lock that the transaction waits for before its first statement and holds to its end, taken in the same
   * round trip as the beginning. Both are int4.
   */
  readonly lock?: { readonly space: number; readonly key: number };
};

/** Where the database speaks of trouble that no caller is waiting for. */
export type DatabaseLog = {
  warn(fields: Readonly<Record<string, unknown>>, event: string): void;
};
