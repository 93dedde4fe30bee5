import type { Bucket } from '@slipstream/bus';
import type { Interest } from '@slipstream/proto';
import type { Activity, Clock, Logger } from '@slipstream/runtime';

/** How often wishes that did not get through are tried again. */
const RETRY_EVERY_MS = 10_000;

export type InterestPorts = {
  readonly bucket: Pick<Bucket<Interest>, 'put' | 'delete'>;
  readonly clock: Pick<Clock, 'now' | 'every'>;
  readonly activity: Activity;
  readonly log: Logger;
  readonly wantedBy: string;
};

export type TokenInterest = {
  /** We hold these tokens: their books are what they are worth. */
  readonly hold: (tokenIds: Iterable<string>) => void;
  /** These are paid out: there is no book any more. */
  readonly drop: (tokenIds: Iterable<string>) => void;
};

/**
 * Keeps the interest in the tokens that we hold. It is not given up when a position is merely sold, since others may
 * want the same token; it is when the token is paid out, since then nobody does.
 */
export function createInterest(io: InterestPorts): TokenInterest {
  /** What was said, and what still has to be. */
  const said = new Map<string, 'held' | 'dropped'>();
  const open = new Map<string, 'held' | 'dropped'>();

  const say = async (tokenId: string, wish: 'held' | 'dropped'): Promise<void> => {
    const since = io.clock.now().toISOString();
    if (wish === 'held')
      await io.bucket.put(tokenId, { tokenId, wantedBy: io.wantedBy, since, refreshAt: null });
    else await io.bucket.delete(tokenId);
    said.set(tokenId, wish);
    if (open.get(tokenId) === wish) open.delete(tokenId);
  };

  /** Says everything that is open, and what comes in meanwhile. A failure leaves the rest for the next round. */
  const flush = async (): Promise<void> => {
    try {
      while (open.size > 0) for (const [tokenId, wish] of [...open]) await say(tokenId, wish);
    } catch (error) {
      io.log.warn({ open: open.size, error }, 'interest.delayed');
    } finally {
      running = false;
    }
  };

  let running = false;
  const start = (): void => {
    if (running) return;
    running = true;
    io.activity.run(flush, 'interest').catch((error: unknown) => io.log.error({ error }, 'interest.failed'));
  };
  const wish = (tokenIds: Iterable<string>, what: 'held' | 'dropped'): void => {
    for (const tokenId of tokenIds) if (said.get(tokenId) !== what) open.set(tokenId, what);
    if (open.size > 0) start();
  };

  io.clock.every('interest', RETRY_EVERY_MS, async () => {
    if (open.size > 0) start();
  });
  return { hold: (tokenIds) => wish(tokenIds, 'held'), drop: (tokenIds) => wish(tokenIds, 'dropped') };
}
