import type { Bucket } from '@slipstream/bus';
import type { FeedSession } from '@slipstream/proto';
import type { Clock, Logger } from '@slipstream/runtime';

/** Signs of life come with every frame; a key needs them only this often. */
const ALIVE_EVERY_MS = 2_000;

export type FeedOptions = {
  readonly bucket: Pick<Bucket<FeedSession>, 'put'>;
  readonly scope: string;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Logger;
};

/** The key in the bucket `feeds` that says whether a wallet's account is listened to. */
export const feedKeyOf = (scope: string): string => `user.${scope}`;

/**
 * Says in the bucket `feeds` that the session is connected, or not. One word is under way at a time, and the newest
 * follows it: what was true between does not matter any more.
 */
export function createFeed({ bucket, scope, clock, log }: FeedOptions) {
  const sessionId = feedKeyOf(scope);
  let saidAtMs = 0;
  let next: FeedSession | null = null;
  let speaking: Promise<void> | null = null;

  const speak = async (): Promise<void> => {
    while (next !== null) {
      const word = next;
      next = null;
      await bucket.put(sessionId, word).catch((error: unknown) => {
        log.warn({ open: word.open, error: String(error) }, 'feed.unsaid');
      });
    }
    speaking = null;
  };

  return {
    onState: (state: 'open' | 'alive' | 'closed'): void => {
      const now = clock.now();
      if (state === 'alive' && now.getTime() - saidAtMs < ALIVE_EVERY_MS) return;
      saidAtMs = now.getTime();
      next = { sessionId, aliveAt: now.toISOString(), open: state !== 'closed' };
      speaking ??= speak();
    },
    /** Resolves when the last word is in the bucket, or given up. */
    said: async (): Promise<void> => {
      await speaking;
    },
  };
}
