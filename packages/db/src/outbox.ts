import { insertRows } from './bulk.ts';
import type { Publisher } from './owners.ts';
import type { Sql } from './sql.ts';

/** A message as it will go out, committed together with what it tells. */
export type OutboxMessage = {
  readonly channel: string;
  readonly subject: string;
  /** The stream's dedupe key; null where a repetition does no harm. */
  readonly messageId: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: string;
};

/** A stored message; `seq` grows in the order of appending. */
export type OutboxRow = OutboxMessage & { readonly seq: bigint };

/** What the bus needs to publish committed rows and then forget them. */
export type OutboxStore = {
  /** The oldest rows, in order. */
  pending(limit: number): Promise<OutboxRow[]>;
  remove(seqs: readonly bigint[]): Promise<void>;
};

export type Outbox = {
  /** Appends within the caller's transaction and gives the rows in the order of `messages`. */
  append(sql: Sql, messages: readonly OutboxMessage[]): Promise<OutboxRow[]>;
  store(sql: Sql): OutboxStore;
};

const COLUMNS = [
  ['channel', 'text'],
  ['subject', 'text'],
  ['message_id', 'text'],
  ['headers', 'jsonb'],
  ['payload', 'text'],
] as const;
const READ = 'seq, channel, subject, message_id as "messageId", headers, payload';

/** The outbox of one owner: rows are written with the state they announce, and published afterwards. */
export function outboxOf(owner: Publisher): Outbox {
  const table = `${owner}.outbox`;
  return {
    append: async (sql, messages) => {
      const rows = messages.map((m) => [m.channel, m.subject, m.messageId, m.headers, m.payload]);
      const seqs = await insertRows<{ seq: bigint }>(sql, table, COLUMNS, rows, 'returning seq');
      return messages.map((message, i) => {
        const seq = seqs[i]?.seq;
        if (seq === undefined)
          throw new Error(`${table} returned ${seqs.length} rows for ${messages.length}`);
        return { ...message, seq };
      });
    },
    store: (sql) => ({
      pending: (limit) => sql.query<OutboxRow>(`select ${READ} from ${table} order by seq limit $1`, [limit]),
      remove: async (seqs) => {
        if (seqs.length > 0) await sql.query(`delete from ${table} where seq = any($1::bigint[])`, [seqs]);
      },
    }),
  };
}
