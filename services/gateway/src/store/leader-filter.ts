import type { Sql } from '@slipstream/db';

/** No leader has this id: it finds nothing, which is what an unknown wallet has. */
const NOBODY = '';

/** The leader id that a filter means: itself, or the leader to whom the wallet belongs. Undefined: no filter. */
export async function leaderMeant(sql: Sql, filter: string | undefined): Promise<string | undefined> {
  if (filter === undefined || !filter.startsWith('0x')) return filter;
  const [row] = await sql.query<{ leader_id: string }>(
    'select leader_id from config.leader_wallet where wallet = $1',
    [filter.toLowerCase()],
  );
  return row?.leader_id ?? NOBODY;
}
