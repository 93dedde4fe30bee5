import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { LiveTradingState } from '@slipstream/proto';
import { Refusal } from '@slipstream/stack';
import { parseOrRefuse, wallet } from '../start/flags.ts';

export type VerifyFlags = {
  readonly tape: string;
  /** Null: every wallet of the tape. */
  readonly follow: readonly string[] | null;
  readonly keep: boolean;
  /** What live trading is switched to before the tape begins. */
  readonly live: LiveTradingState;
};

const VERIFY_USAGE = `npm run verify -- --tape PATH [flags]
  --follow WALLET,…   follow only these wallets (default: every wallet of the tape)
  --live STATE        OFF (default), SHADOW or ON: decides every trade in LIVE, too; no order is ever placed
  --keep              keep the data folder and say where it is`;

export function parseVerifyFlags(args: readonly string[]): VerifyFlags {
  const { values } = parseOrRefuse(
    () =>
      parseArgs({
        args: [...args],
        options: {
          tape: { type: 'string' },
          follow: { type: 'string', multiple: true },
          keep: { type: 'boolean', default: false },
          live: { type: 'string', default: 'OFF' },
        },
      }),
    VERIFY_USAGE,
  );
  if (values.tape === undefined) throw new Refusal(`Say which tape with --tape PATH.\n${VERIFY_USAGE}`);
  const tape = resolve(values.tape);
  if (!existsSync(tape)) throw new Refusal(`There is no tape at ${tape}.`);
  const named = values.follow?.flatMap((list) => list.split(',')).map((text) => wallet(text.trim())) ?? null;
  const live = LiveTradingState.safeParse(values.live);
  if (!live.success) throw new Refusal(`--live is OFF, SHADOW or ON.\n${VERIFY_USAGE}`);
  return { tape, follow: named, keep: values.keep, live: live.data };
}
