/** The longest single machine-time wait; also keeps delays far below the 2^31 ms that `setTimeout` can hold. */
const PAUSE_MOST_MS = 10 * 60_000;

/**
 * Waits in machine time, for the back-off of reconnects and retries only, never for a domain deadline.
 * Returns early, without an error, when the signal aborts: the caller's loop looks at the signal anyway.
 */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, Math.min(Math.max(ms, 0), PAUSE_MOST_MS));
    signal?.addEventListener('abort', done, { once: true });
  });
}
