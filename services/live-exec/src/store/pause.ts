import type { Sql } from '@slipstream/db';

/** Stops new orders of a wallet until a person clears it; an earlier pause that stands keeps its reason. */
export const pauseWallet = async (
  sql: Sql,
  pause: {
    readonly scope: string;
    readonly at: Date;
    readonly reason: string;
    readonly orderId: string | null;
  },
): Promise<void> => {
  await sql.query(
    `insert into live.pause as p (scope, paused_at, reason, order_id) values ($1, $2, $3, $4)
     on conflict (scope) do update set paused_at = excluded.paused_at, reason = excluded.reason,
       order_id = excluded.order_id
     where p.paused_at <= coalesce((select live_pause_cleared_at from config.system_switches where id = 1), 'epoch')`,
    [pause.scope, pause.at, pause.reason, pause.orderId],
  );
};
