import { createHash } from 'node:crypto';
import type { Bus } from '@slipstream/bus';
import { HIDDEN, type Logger } from '@slipstream/runtime';

const CHARACTERS_MAX = 4_000;
/** A channel that sends nothing but rubbish must not fill the disk with letters about it. */
const LETTERS_PER_WINDOW_MAX = 50;
const WINDOW_MS = 60_000;
const ID_CHARACTERS = 32;
const DURABLE = 'user-channel';
const OWNER = /("\w*owner"\s*:\s*)"[^"]*"/g;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;

/** Keeps what nobody could read, as a dead letter; the channel goes on. */
export type FrameProblems = (text: string, why: string) => void;

/** API keys are named in every frame, ours and those of others; a stored letter names none. */
const withoutKeys = (text: string): string => text.replace(OWNER, `$1"${HIDDEN}"`).replace(UUID, HIDDEN);

export function openFrameProblems(bus: Pick<Bus, 'deadLetter'>, log: Logger): FrameProblems {
  let windowBegan = performance.now();
  let letters = 0;
  return (text, why) => {
    if (performance.now() - windowBegan > WINDOW_MS) {
      windowBegan = performance.now();
      letters = 0;
    }
    letters += 1;
    log.warn({ why, letters }, 'frame.rubbish');
    if (letters > LETTERS_PER_WINDOW_MAX) return;
    const digest = createHash('sha256').update(text).digest('hex').slice(0, ID_CHARACTERS);
    bus
      .deadLetter({
        deadId: `feed:${DURABLE}:${digest}`,
        durable: DURABLE,
        stream: '',
        subject: `feed.${DURABLE}`,
        sequence: 0,
        deliveries: 0,
        reason: 'feed',
        error: why,
        headers: {},
        payload: withoutKeys(text).slice(0, CHARACTERS_MAX),
      })
      .catch((error: unknown) => log.error({ error: String(error) }, 'frame.letter-lost'));
  };
}
