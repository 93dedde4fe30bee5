import { ActivityV1, parseJsonText } from '@slipstream/exchange/public-client';
import { type Activity, type Clock, type Logger, stamp } from '@slipstream/runtime';
import { StreamedFigures, ToldBefore } from '../core/merge.ts';
import { normalize } from '../core/normalize.ts';
import type { Observation } from '../core/observation.ts';
import type { FeedProblems } from '../feed-problems.ts';
import type { Followed } from '../follow.ts';
import type { Merger } from '../merge-observations.ts';
import { type Connection, KeptSocket } from './socket.ts';

const PING_EVERY_MS = 5_000;
const REPLACE_EVERY_MS = 10 * 60_000;
const CHECK_EVERY_MS = 1_000;
const TYPES = ['trades', 'orders_matched'] as const;
const SUBSCRIBE = JSON.stringify({
  action: 'subscribe',
  subscriptions: TYPES.map((type) => ({ topic: 'activity', type })),
});
const WALLET = /"proxyWallet"\s*:\s*"(0x[0-9a-fA-F]{40})"/;
const TYPE = /"type"\s*:\s*"([a-z_]{1,40})"/;

export type RtdsOptions = {
  readonly url: string;
  /** A connection that had data and is silent for so long is renewed. */
  readonly silenceMs: number;
  readonly merger: Pick<Merger, 'add'>;
  readonly followed: Followed;
  readonly problems: FeedProblems;
  /** Told after every connection but the first: the gap may hide trades. */
  readonly onGap: () => void;
  readonly clock: Pick<Clock, 'kind'>;
  readonly activity: Activity;
  readonly log: Logger;
};

/** PONG, an empty text, or JSON of another kind: signs of life that say nothing of trades. */
const isKeepAlive = (text: string): boolean => /^"?(pong)?"?\s*$/i.test(text) || /^\s*[{[]/.test(text);

/** The payload of an activity frame; null for what is not one, and for answers without a payload. */
function payloadOf(text: string): unknown {
  let frame: unknown;
  try {
    frame = parseJsonText(text);
  } catch {
    return null;
  }
  if (typeof frame !== 'object' || frame === null || !('topic' in frame) || frame.topic !== 'activity')
    return null;
  return 'payload' in frame ? frame.payload : null;
}

/** What one connection has told so far: sums by subscription, and payloads to know their second telling by. */
type Told = { readonly figures: Map<string, StreamedFigures>; readonly before: ToldBefore };

/**
 * Listens to the whole activity feed, which cannot be filtered by wallet: a frame is only read when it names a wallet
 * that we follow. The feed freezes without closing, so that silence after data renews the connection; a planned
 * replacement every ten minutes does, too, and whatever a gap hides is read from the Data API.
 */
export class Rtds {
  readonly #options: RtdsOptions;
  readonly #socket: KeptSocket;
  readonly #timers: readonly NodeJS.Timeout[];
  #connections = 0;
  #openedAt = 0;
  #heardAt: number | null = null;

  constructor(options: RtdsOptions) {
    this.#options = options;
    this.#socket = new KeptSocket(options.url, (send) => this.#onOpen(send));
    options.activity.barrier('rtds', () => this.#socket.flushed());
    this.#timers = [
      setInterval(() => this.#ping(), PING_EVERY_MS),
      // A tape may be silent for long, and is never frozen; a busy machine is no dead feed.
      ...(options.clock.kind === 'wall' ? [setInterval(() => this.#watch(), CHECK_EVERY_MS)] : []),
    ];
  }

  health(): { readonly ok: boolean; readonly detail: string } {
    if (!this.#socket.isOpen()) return { ok: false, detail: 'not open' };
    if (this.#heardAt === null) return { ok: true, detail: 'open, nothing heard yet' };
    return { ok: true, detail: `last frame ${Math.round(performance.now() - this.#heardAt)} ms ago` };
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#socket.stop();
  }

  #onOpen(send: (text: string) => void): Connection {
    const { log, onGap } = this.#options;
    // Rows add up within one connection: the next one may repeat what this one said.
    const told: Told = { figures: new Map(), before: new ToldBefore() };
    this.#connections += 1;
    this.#openedAt = performance.now();
    this.#heardAt = null;
    send(SUBSCRIBE);
    log.info({ connections: this.#connections }, 'rtds.open');
    if (this.#connections > 1) onGap();
    return {
      onText: (text) => this.#onText(text, told),
      onClose: () => log.warn({ connections: this.#connections }, 'rtds.closed'),
    };
  }

  #ping(): void {
    this.#socket.send('PING');
    if (this.#options.clock.kind === 'tape' || !this.#socket.isOpen()) return;
    // A connection that does not even answer is dead, whether or not it ever had data.
    this.#socket.flushed().catch(() => this.#socket.renew());
  }

  #watch(): void {
    if (!this.#socket.isOpen()) return;
    const now = performance.now();
    if (now - (this.#heardAt ?? now) > this.#options.silenceMs) this.#socket.renew();
    else if (now - this.#openedAt > REPLACE_EVERY_MS) this.#socket.replace();
  }

  #onText(text: string, told: Told): void {
    const { problems, followed, merger, activity, log } = this.#options;
    // PONG does not prove that data flows.
    if (text.includes('"topic"')) this.#heardAt = performance.now();
    const wallet = WALLET.exec(text)?.[1];
    if (wallet === undefined) {
      if (text.includes('proxyWallet')) problems('rtds', text, 'a wallet that is no address');
      else if (!isKeepAlive(text)) problems('rtds', text, 'not JSON');
      return;
    }
    if (followed.ownerOf(wallet.toLowerCase()) === undefined) return;
    const type = TYPE.exec(text)?.[1] ?? '';
    if (told.before.has(text.slice(text.indexOf('"payload"')), type)) return;
    const observation = this.#read(text, type, told.figures);
    if (observation === null) return;
    // What cannot be stored is shown again by the Data API, whose cursor has not passed it.
    activity
      .run(() => merger.add([observation]), 'rtds')
      .catch((error: unknown) => log.warn({ error: String(error) }, 'rtds.unstored'));
  }

  /** The trade's figure after this frame; null for a frame that tells of none. */
  #read(text: string, type: string, figures: Told['figures']): Observation | null {
    const { problems } = this.#options;
    const seenAtMicros = stamp();
    const row = ActivityV1.safeParse(payloadOf(text));
    if (!row.success) {
      problems('rtds', text, row.error.issues[0]?.message ?? 'unreadable');
      return null;
    }
    const normalized = normalize(row.data);
    if (normalized.kind !== 'trade') {
      if (normalized.kind === 'rubbish') problems('rtds', text, normalized.why);
      return null;
    }
    const streamed = figures.get(type) ?? new StreamedFigures();
    figures.set(type, streamed);
    return { ...normalized.row, figure: streamed.see(normalized.row), source: 'rtds', seenAtMicros };
  }
}
