import { createHash } from 'node:crypto';
import type { Bus } from '@slipstream/bus';
import type { Logger } from '@slipstream/runtime';

const CHARACTERS_MAX = 4_000;
/** A feed that sends nothing but rubbish must not fill the disk with letters about it. */
const LETTERS_PER_WINDOW_MAX = 50;
const WINDOW_MS = 60_000;
const ID_CHARACTERS = 32;

/** Keeps what a feed sent and nobody could read; the stream goes on. */
export type FeedProblems = (feed: string, text: string, why: string) => void;

export function openFeedProblems(bus: Pick<Bus, 'deadLetter'>, log: Logger): FeedProblems {
  let windowBegan = performance.now();
  let letters = 0;
  return (feed, text, why) => {
    if (performance.now() - windowBegan > WINDOW_MS) {
      windowBegan = performance.now();
      letters = 0;
    }
    letters += 1;
    log.warn({ feed, why, letters }, 'feed.rubbish');
    if (letters > LETTERS_PER_WINDOW_MAX) return;
    const digest = createHash('sha256').update(`${feed}\n${text}`).digest('hex').slice(0, ID_CHARACTERS);
    bus
      .deadLetter({
        deadId: `feed:${feed}:${digest}`,
        durable: feed,
        stream: '',
        subject: `feed.${feed}`,
        sequence: 0,
        deliveries: 0,
        reason: 'feed',
        error: why,
        headers: {},
        payload: text.slice(0, CHARACTERS_MAX),
      })
      .catch((error: unknown) => log.error({ feed, error: String(error) }, 'feed.letter-lost'));
  };
}
