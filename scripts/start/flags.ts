import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Refusal } from '@slipstream/stack';

const WALLET = /^0x[0-9a-fA-F]{40}$/;
const PORT_DEFAULT = 8080;
/** A recording of days passes in minutes, and no silence of it lasts longer than a blink. */
const TAPE_SPEED = '120';
const TAPE_SILENCE_MAX_MS = '25';
const PORT_MAX = 65_535;

export type StartFlags = {
  readonly tape: string | null;
  readonly seed: number;
  readonly leaders: readonly string[];
  readonly reset: boolean;
  readonly exchange: 'sim' | 'polymarket';
  readonly port: number;
  readonly speed: string | null;
  readonly silenceMaxMs: string | null;
  readonly loop: boolean;
  readonly dataDir: string;
};

export const START_USAGE = `npm start -- [flags]
  --tape PATH          replay a recording on the simulated exchange
  --speed X            play the recording X times as fast (default ${TAPE_SPEED})
  --silence-max MS     shorten its silences to this, after the speed (default ${TAPE_SILENCE_MAX_MS})
  --loop               play the recording again and again
  --seed N             seed of the generated leaders and books (default 1)
  --leader 0x…         follow this wallet; may be given many times (default: all of the simulator)
  --exchange NAME      sim (default) or polymarket: the real feeds, on paper
  --port N             port of the gateway (default ${PORT_DEFAULT}, 0 takes a free one)
  --data DIR           folder for everything that is kept (default .data)
  --reset              forget all earlier data first`;

/** A whole number within bounds. Errors: Refusal naming the flag. */
export function wholeNumber(flag: string, text: string, most: number): number {
  if (!/^\d{1,15}$/.test(text) || Number(text) > most)
    throw new Refusal(`${flag} wants a whole number from 0 to ${most}, not “${text}”.`);
  return Number(text);
}

/** node:util's own complaint, as a sentence of ours. */
export function parseOrRefuse<T>(parse: () => T, usage: string): T {
  try {
    return parse();
  } catch (error) {
    throw new Refusal(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
}

export const wallet = (text: string): string => {
  if (!WALLET.test(text))
    throw new Refusal(`“${text}” is not a wallet address (0x and 40 hexadecimal digits).`);
  return text.toLowerCase();
};

export function parseStartFlags(args: readonly string[]): StartFlags {
  const { values } = parseOrRefuse(
    () =>
      parseArgs({
        args: [...args],
        options: {
          tape: { type: 'string' },
          seed: { type: 'string', default: '1' },
          leader: { type: 'string', multiple: true, default: [] },
          reset: { type: 'boolean', default: false },
          exchange: { type: 'string', default: 'sim' },
          port: { type: 'string', default: String(PORT_DEFAULT) },
          speed: { type: 'string' },
          'silence-max': { type: 'string' },
          loop: { type: 'boolean', default: false },
          data: { type: 'string', default: '.data' },
        },
      }),
    START_USAGE,
  );
  if (values.exchange !== 'sim' && values.exchange !== 'polymarket')
    throw new Refusal(`--exchange wants sim or polymarket, not “${values.exchange}”.`);
  if (values.exchange === 'polymarket' && values.tape !== undefined)
    throw new Refusal('A tape is replayed on the simulated exchange; leave out --exchange polymarket.');
  if (values.exchange === 'polymarket' && values.leader.length === 0)
    throw new Refusal('Say whom to follow with --leader 0x… when you use the real exchange.');
  return {
    tape: values.tape === undefined ? null : resolve(values.tape),
    seed: wholeNumber('--seed', values.seed, Number.MAX_SAFE_INTEGER),
    leaders: values.leader.map(wallet),
    reset: values.reset,
    exchange: values.exchange,
    port: wholeNumber('--port', values.port, PORT_MAX),
    speed: values.speed ?? (values.tape === undefined ? null : TAPE_SPEED),
    silenceMaxMs: values['silence-max'] ?? (values.tape === undefined ? null : TAPE_SILENCE_MAX_MS),
    loop: values.loop,
    dataDir: resolve(values.data),
  };
}
