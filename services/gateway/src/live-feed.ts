import type { ServerResponse } from 'node:http';
import { HttpProblem } from './errors.ts';

/** Pages that may listen at once. */
const LISTENERS_MAX = 64;
/** What may wait for one slow listener before he is let go; his page connects again and reads the lists anew. */
const WAITING_BYTES_MAX = 1_048_576;
/** A browser that lost its connection tries again after this. */
const RETRY_MS = 2_000;

/** A connection is ended after this; the page connects again, and shows again who it is. */
const LISTEN_LIFE_MS = 30 * 60_000;

/** One thing that happened, as pages hear of it. `data` is in its wire form. */
type FeedEvent = { readonly name: string; readonly id: string | null; readonly data: () => unknown };

/** Server-sent events to every page that listens. */
export type LiveFeed = {
  /** Errors: HttpProblem 503 when too many listen. */
  readonly listen: (response: ServerResponse) => void;
  readonly tell: (event: FeedEvent) => void;
  /** Keeps connections open through whatever closes silent ones. */
  readonly keepAlive: () => void;
  readonly listeners: () => number;
  readonly close: () => void;
};

const frame = ({ name, id, data }: FeedEvent): string =>
  `event: ${name}\n${id === null ? '' : `id: ${id}\n`}data: ${JSON.stringify(data())}\n\n`;

export function openLiveFeed(): LiveFeed {
  const listeners = new Set<ServerResponse>();
  const send = (text: string): void => {
    for (const listener of listeners) {
      if (listener.writableLength > WAITING_BYTES_MAX) listener.destroy();
      else listener.write(text);
    }
  };
  return {
    listen: (response) => {
      if (listeners.size >= LISTENERS_MAX)
        throw new HttpProblem(503, `${LISTENERS_MAX} pages listen already.`, {
          headers: { 'retry-after': '10' },
        });
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });
      response.write(`retry: ${RETRY_MS}\nevent: hello\ndata: {}\n\n`);
      listeners.add(response);
      const lived = setTimeout(() => response.end(), LISTEN_LIFE_MS);
      response.on('close', () => {
        clearTimeout(lived);
        listeners.delete(response);
      });
    },
    tell: (event) => {
      if (listeners.size > 0) send(frame(event));
    },
    keepAlive: () => send(': still here\n\n'),
    listeners: () => listeners.size,
    close: () => {
      for (const listener of listeners) listener.end();
      listeners.clear();
    },
  };
}
