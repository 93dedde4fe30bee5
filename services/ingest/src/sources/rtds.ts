import { ActivityV1, parseJsonText } from '@slipstream/exchange/public-client';
import { type Activity, type Logger, stamp } from '@slipstream/runtime';
import { StreamedFigures } from '../core/merge.ts';
import { normalize } from '../core/normalize.ts';
import type { Observation } from '../core/observation.ts';
import type { FeedProblems } from '../feed-problems.ts';
import type { Followed } from '../follow.ts';
import type { Merger } from '../merge-observations.ts';
import { keepSocket } from './socket.ts';

const PING_EVERY_MS = 5_000;
const RENEW_EVERY_MS = 10 * 60_000;
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
  readonly merger: Merger;
  readonly followed: Followed;
  readonly problems: FeedProblems;
  /** Told after every connection but the first: the gap may hide trades. */
  readonly onGap: () => void;
  readonly activity: Activity;
  readonly log: Logger;
};

export type Rtds = {
  readonly health: () => { readonly ok: boolean; readonly detail: string };
  readonly stop: () => void;
};

/** The payload of an activity frame; null for frames of other topics and for answers without one. */
function payloadOf(text: string): unknown {
  const frame = parseJsonText(text);
  if (typeof frame !== 'object' || frame === null || !('topic' in frame) || frame.topic !== 'activity')
    return null;
  return 'payload' in frame ? frame.payload : null;
}

/**
 * Listens to the whole activity feed, which cannot be filtered by wallet: a frame is only read when it names a wallet
 * that we follow. The feed freezes without closing, so that silence after data renews the connection; a planned
 * renewal every ten minutes does, too, and whatever a gap hides is read from the Data API.
 */
export function openRtds(options: RtdsOptions): Rtds {
  const { merger, followed, activity, log } = options;
  let figures = new Map<string, StreamedFigures>();
  let connections = 0;
  let openedAt = 0;
  let heardAt: number | null = null;

  const read = (text: string, type: string): Observation | null => {
    const seenAtMicros = stamp();
    const row = ActivityV1.safeParse(payloadOf(text));
    if (!row.success) {
      options.problems('rtds', text, row.error.issues[0]?.message ?? 'unreadable');
      return null;
    }
    const normalized = normalize(row.data);
    if (normalized.kind !== 'trade') {
      if (normalized.kind === 'rubbish') options.problems('rtds', text, normalized.why);
      return null;
    }
    const streamed = figures.get(type) ?? new StreamedFigures();
    figures.set(type, streamed);
    return { ...normalized.row, figure: streamed.see(normalized.row), source: 'rtds', seenAtMicros };
  };

  const onText = (text: string): void => {
    // PONG does not prove that data flows.
    if (text.includes('"topic"')) heardAt = performance.now();
    const wallet = WALLET.exec(text)?.[1];
    if (wallet === undefined) {
      if (text.includes('proxyWallet')) options.problems('rtds', text, 'a wallet that is no address');
      return;
    }
    if (followed.ownerOf(wallet.toLowerCase()) === undefined) return;
    try {
      const observation = read(text, TYPE.exec(text)?.[1] ?? '');
      if (observation !== null) activity.run(() => merger.add([observation]), 'rtds').catch(lost);
    } catch (error) {
      options.problems('rtds', text, error instanceof Error ? error.message : 'unreadable');
    }
  };
  // Not stored: the Data API shows it again, and its cursor has not passed it.
  const lost = (error: unknown): void => log.warn({ error: String(error) }, 'rtds.unstored');

  const socket = keepSocket(options.url, {
    onOpen: (send) => {
      connections += 1;
      openedAt = performance.now();
      heardAt = null;
      figures = new Map();
      send(SUBSCRIBE);
      log.info({ connections }, 'rtds.open');
      if (connections > 1) options.onGap();
    },
    onText,
    onClose: () => log.warn({ connections }, 'rtds.closed'),
  });
  activity.barrier('rtds', socket.flushed);

  const ping = setInterval(() => socket.send('PING'), PING_EVERY_MS);
  const watch = setInterval(() => {
    if (!socket.isOpen()) return;
    const silentMs = heardAt === null ? 0 : performance.now() - heardAt;
    if (silentMs > options.silenceMs || performance.now() - openedAt > RENEW_EVERY_MS) socket.renew();
  }, CHECK_EVERY_MS);
  return {
    health: () => ({
      ok: socket.isOpen(),
      detail:
        heardAt === null
          ? 'open, nothing heard yet'
          : `last frame ${Math.round(performance.now() - heardAt)} ms ago`,
    }),
    stop: () => {
      clearInterval(ping);
      clearInterval(watch);
      socket.stop();
    },
  };
}
