import type { Bus } from '@slipstream/bus';
import { LIVE_SCOPE, PAPER_SCOPE } from '@slipstream/proto';
import { createLogger } from '@slipstream/runtime';
import type { Scopes } from '../src/core/route.ts';
import { watchSettings } from '../src/watched/watch-settings.ts';

const BOTH: Scopes = new Map([
  ['PAPER', [PAPER_SCOPE]],
  ['LIVE', [LIVE_SCOPE]],
]);

/** Settings on a bus that only tells: what they watch can be spoken into. */
export async function watched(scopes: Scopes = BOTH) {
  const lines: string[] = [];
  const stopped: string[] = [];
  const heard = new Map<string, (key: string, value: unknown) => void>();
  const bus = {
    bucket: async ({ name }: { name: string }) => ({
      watch: async (onValue: (key: string, value: unknown) => void) => {
        heard.set(name, onValue);
        return { stop: async () => void stopped.push(name) };
      },
    }),
  } as unknown as Bus;
  const log = createLogger({ service: 'test', write: (line) => lines.push(line) });
  const settings = await watchSettings(bus, log, scopes);
  const say = (bucket: 'switches' | 'config' | 'leaders', key: string, value: unknown): void => {
    heard.get(bucket)?.(key, value);
  };
  return { settings, say, lines, stopped };
}
