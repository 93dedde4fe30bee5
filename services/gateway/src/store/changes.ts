import type { Sql } from '@slipstream/db';
import type { ChangeItem, ChangesQuery } from '@slipstream/proto/http';
import { fieldsChanged } from '../core/fields-changed.ts';
import { keyCursor } from '../cursor.ts';
import { Conditions } from './conditions.ts';
import { type Page, pageByKey, rowsToRead } from './page.ts';

/** Ids are 64-bit: 18 digits at most reach the database. */
const CHANGE_ID = /^\d{1,18}$/;

type Row = {
  readonly change_id: bigint;
  readonly what: ChangeItem['what'];
  readonly key: string;
  readonly author: string;
  readonly at: Date;
  readonly before: unknown;
  readonly after: unknown;
};

const itemOf = (row: Row): ChangeItem => ({
  id: row.change_id.toString(),
  what: row.what,
  key: row.key,
  author: row.author,
  at: row.at.toISOString(),
  fields: fieldsChanged(row.before, row.after),
});

/** One page of what was changed, when, by whom, from what to what; the latest first. Sign-ins are no changes. */
export async function readChanges(sql: Sql, asked: ChangesQuery): Promise<Page<ChangeItem>> {
  const where = new Conditions();
  where
    .also(`what <> 'sign-in'`)
    .when(asked.what, (p) => `what = ${p}`)
    .when(asked.key, (p) => `key = ${p}`);
  if (asked.after !== undefined)
    where.also(`change_id < ${where.value(keyCursor.decode('changes', asked.after, CHANGE_ID))}::bigint`);
  const rows = await sql.query<Row>(
    `select change_id, what, key, author, at, before, after from config.change_log ${where.where()}
     order by change_id desc limit ${where.value(rowsToRead(asked))}`,
    where.values,
  );
  return pageByKey('changes', rows, asked, itemOf, (row) => row.change_id.toString());
}
