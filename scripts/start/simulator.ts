import { z } from 'zod';

const REQUEST_WAIT_MS = 10_000;

/** What the simulator tells of its tape or its generated leaders. */
const SimulatorState = z.looseObject({
  wallets: z.array(z.string()),
  done: z.boolean(),
  firstAt: z.string().nullable(),
  lastAt: z.string().nullable(),
});
export type SimulatorState = z.infer<typeof SimulatorState>;

/** The simulator's administration: what it holds, and when its replay begins. */
export function simulatorAdmin(url: string) {
  const call = async (method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown> => {
    const reply = await fetch(`${url}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      signal: AbortSignal.timeout(REQUEST_WAIT_MS),
      ...(method === 'POST' ? { body: JSON.stringify(body ?? {}) } : {}),
    });
    if (!reply.ok) throw new Error(`the simulator answered ${reply.status} to ${method} ${path}`);
    return reply.json();
  };
  return {
    state: async (): Promise<SimulatorState> => SimulatorState.parse(await call('GET', '/state')),
    start: () => call('POST', '/start'),
    load: (load: unknown) => call('POST', '/load', load),
  };
}
