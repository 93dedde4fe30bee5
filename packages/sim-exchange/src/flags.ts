import { parseArgs } from 'node:util';

export type SimFlags = {
  readonly tape: string | null;
  readonly seed: number;
  readonly port: number;
  readonly json: boolean;
  readonly speed: number;
  readonly silenceMaxMs: number;
  readonly loop: boolean;
  readonly hold: boolean;
  readonly wallets: number;
  readonly rate: number;
  readonly pass: number;
  readonly steady: boolean;
  readonly singleObjects: boolean;
  readonly clobVersion: 1 | 2;
};

/** A flag that is wrong; the message is one sentence. */
export class FlagError extends Error {
  override name = 'FlagError';
}

export const SIM_USAGE = `npm run sim -- [flags]
  --tape PATH         replay a recording (forms: packages/sim-exchange/TAPES.md); without it leaders are generated
  --seed N            seed of generated markets and leaders (default 1)
  --wallets N         generated leaders (default 4)      --rate N   their trades a minute, together (default 60)
  --port N            port to listen on, on 127.0.0.1 (default: a free one)
  --speed X           play a recording X times as fast (default 1)
  --silence-max MS    shorten longer silences, after the speed (default 2000)
  --loop              play it again and again            --pass N   which replay over the same data this is (default 0)
  --hold              wait for POST /admin/start
  --steady            generated books keep their prices; only what they offer changes
  --clob-version N    orders of version 2 as today (default), or 1 as before
  --single-objects    first market frame as single objects instead of an array
  --json              print one JSON line: endpoints, wallets and tokens`;

function whole(name: string, text: string, least: number, most: number): number {
  const n = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!(n >= least && n <= most))
    throw new FlagError(`--${name} wants a whole number from ${least} to ${most}, not “${text}”.`);
  return n;
}

function factor(text: string): number {
  const n = /^\d{1,6}(\.\d{1,3})?$/.test(text) ? Number(text) : 0;
  if (!(n > 0)) throw new FlagError(`--speed wants a number above 0, not “${text}”.`);
  return n;
}

const PORT_MAX = 65_535;
const WALLETS_MAX = 1_000;
const RATE_MAX = 60_000;
const SILENCE_MAX_MS = 31_536_000_000;

/** Errors: FlagError. */
export function parseSimFlags(args: readonly string[]): SimFlags {
  const parse = () =>
    parseArgs({
      args: [...args],
      options: {
        tape: { type: 'string' },
        seed: { type: 'string', default: '1' },
        port: { type: 'string', default: '0' },
        json: { type: 'boolean', default: false },
        speed: { type: 'string', default: '1' },
        'silence-max': { type: 'string', default: '2000' },
        loop: { type: 'boolean', default: false },
        hold: { type: 'boolean', default: false },
        steady: { type: 'boolean', default: false },
        wallets: { type: 'string', default: '4' },
        rate: { type: 'string', default: '60' },
        pass: { type: 'string', default: '0' },
        'single-objects': { type: 'boolean', default: false },
        'clob-version': { type: 'string', default: '2' },
      },
    });
  let values: ReturnType<typeof parse>['values'];
  try {
    values = parse().values;
  } catch (error) {
    const [said = ''] = (error instanceof Error ? error.message : String(error)).split(/\. |\n/);
    throw new FlagError(`${said}; --help names the flags.`);
  }
  return {
    tape: values.tape ?? null,
    seed: whole('seed', values.seed, 0, Number.MAX_SAFE_INTEGER),
    port: whole('port', values.port, 0, PORT_MAX),
    json: values.json,
    speed: factor(values.speed),
    silenceMaxMs: whole('silence-max', values['silence-max'], 0, SILENCE_MAX_MS),
    loop: values.loop,
    hold: values.hold,
    steady: values.steady,
    wallets: whole('wallets', values.wallets, 1, WALLETS_MAX),
    rate: whole('rate', values.rate, 0, RATE_MAX),
    pass: whole('pass', values.pass, 0, Number.MAX_SAFE_INTEGER),
    singleObjects: values['single-objects'],
    clobVersion: whole('clob-version', values['clob-version'], 1, 2) === 1 ? 1 : 2,
  };
}
