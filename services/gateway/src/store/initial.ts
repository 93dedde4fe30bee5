import type { Database } from '@slipstream/db';
import { writeInitialConfig } from './config.ts';
import { logChange } from './settings.ts';

/** What a new installation starts with, written once: paper on, live off, nothing paused, and the rules of both modes. */
export const writeInitialSettings = (db: Database, at: Date): Promise<void> =>
  db.tx(async (sql) => {
    const switches = { copyEngineEnabled: true, liveTradingState: 'OFF', entriesPaused: false };
    const author = 'installation';
    const fresh = await sql.query(
      `insert into config.system_switches (id, copy_engine_enabled, live_trading_state, entries_paused, version,
        changed_at, changed_by)
      values (1, $1, $2, $3, 1, $4, $5) on conflict do nothing returning id`,
      [switches.copyEngineEnabled, switches.liveTradingState, switches.entriesPaused, at, author],
    );
    if (fresh.length > 0)
      await logChange(sql, { what: 'switches', key: 'global', author, at, before: null, after: switches });
    await writeInitialConfig(sql, at);
  });
