import { setTimeout as wait } from 'node:timers/promises';

const WITHIN_MS = 20_000;
const EVERY_MS = 50;

/**
 * Asks again and again until `probe` gives something other than null, undefined or false.
 *
 * Errors: after the deadline, with what was awaited and the last answer or failure.
 */
export async function eventually<T>(
  what: string,
  probe: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  options: { readonly withinMs?: number; readonly everyMs?: number } = {},
): Promise<T> {
  const deadline = performance.now() + (options.withinMs ?? WITHIN_MS);
  let last: unknown;
  while (performance.now() < deadline) {
    try {
      const answer = await probe();
      if (answer !== null && answer !== undefined && answer !== false) return answer;
      last = answer;
    } catch (error) {
      last = error;
    }
    await wait(options.everyMs ?? EVERY_MS);
  }
  const seen = last instanceof Error ? last.message : JSON.stringify(last);
  throw new Error(`${what} did not happen within ${options.withinMs ?? WITHIN_MS} ms; last: ${seen}`);
}
