import { type Insert, insertTogether } from './bulk.ts';
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

/** Common table expressions that change rows, and the one of them that gives at most one row when it did. */
export type Change = {
  readonly ctes: string;
  readonly from: string;
  readonly params: readonly unknown[];
};

export type Outbox = {
  /**
   * Appends within the caller's transaction and gives the rows in the order of `messages`. What they tell of may come
   * along in the same round trip, as inserts.
   */
  append(sql: Sql, messages: readonly OutboxMessage[], alongside?: readonly Insert[]): Promise<OutboxRow[]>;
  /**
   * Makes a change and appends its message in one statement, which is a transaction of its own; null, and nothing is
   * appended, when the change found nothing to change.
   */
  appendIf(sql: Sql, change: Change, message: OutboxMessage): Promise<OutboxRow | null>;
  store(sql: Sql): OutboxStore;
};

const COLUMNS = [
  ['channel', 'text'],
  ['subject', 'text'],
  ['message_id', 'text'],
  ['headers', 'jsonb'],
  ['payload', 'text'],
] as const;
const NAMES = COLUMNS.map(([name]) => name).join(', ');
const READ = 'seq, channel, subject, message_id as "messageId", headers, payload';

/** The outbox of one owner: rows are written with the state they announce, and published afterwards. */
export function outboxOf(owner: Publisher): Outbox {
  const table = `${owner}.outbox`;
  return {
    append: async (sql, messages, alongside = []) => {
      const rows = messages.map((m) => [m.channel, m.subject, m.messageId, m.headers, m.payload]);
      const own = { table, columns: COLUMNS, rows, suffix: 'returning seq' };
      const seqs = await insertTogether<{ seq: bigint }>(sql, [...alongside, own]);
      return messages.map((message, i) => {
        const seq = seqs[i]?.seq;
        if (seq === undefined)
          throw new Error(`${table} returned ${seqs.length} rows for ${messages.length}`);
        return { ...message, seq };
      });
    },
    appendIf: async (sql, { ctes, from, params }, message) => {
      const n = params.length;
      const places = COLUMNS.map(([, type], i) => `$${n + i + 1}::${type}`).join(', ');
      const { channel, subject, messageId, headers, payload } = message;
      const [row] = await sql.query<{ seq: bigint }>(
        `with ${ctes} insert into ${table} (${NAMES}) select ${places} from ${from} returning seq`,
        [...params, channel, subject, messageId, JSON.stringify(headers), payload],
      );
      return row === undefined ? null : { ...message, seq: row.seq };
    },
    store: (sql) => ({
      pending: (limit) => sql.query<OutboxRow>(`select ${READ} from ${table} order by seq limit $1`, [limit]),
      remove: async (seqs) => {
        if (seqs.length > 0) await sql.query(`delete from ${table} where seq = any($1::bigint[])`, [seqs]);
      },
    }),
  };
}
