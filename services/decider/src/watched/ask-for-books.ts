import type { Bus } from '@slipstream/bus';
import { interestBucket } from '@slipstream/proto';
import type { Activity, Clock, Logger } from '@slipstream/runtime';

/** A question that was asked so recently is still being answered. */
const ASK_AGAIN_MS = 200;
/** Tokens whose last question is remembered. */
const ASKED_MAX = 10_000;

export type BookAsker = {
  /** Asks ingest for the book and metadata of a token at once; does not wait for the answer, which comes as a book. */
  ask(tokenId: string): void;
};

/** A question that fails is logged and no more: the wait that it was for ends by itself. */
export async function createBookAsker(
  bus: Bus,
  { clock, activity, log }: { readonly clock: Clock; readonly activity: Activity; readonly log: Logger },
): Promise<BookAsker> {
  const interest = await bus.bucket(interestBucket);
  const askedMs = new Map<string, number>();
  const put = async (tokenId: string, at: string): Promise<void> => {
    try {
      await interest.put(tokenId, { tokenId, wantedBy: 'decider', since: at, refreshAt: at });
    } catch (error) {
      log.warn({ tokenId, error }, 'interest.failed');
    }
  };
  return {
    ask: (tokenId) => {
      const now = clock.now();
      const last = askedMs.get(tokenId);
      if (last !== undefined && now.getTime() - last < ASK_AGAIN_MS) return;
      if (askedMs.size >= ASKED_MAX) askedMs.clear();
      askedMs.set(tokenId, now.getTime());
      void activity.run(() => put(tokenId, now.toISOString()), `interest ${tokenId}`);
    },
  };
}
