import type { Channel, Durable } from '@slipstream/proto';
import { pause } from '@slipstream/runtime';
import { z } from 'zod';
import { askApi, isForbidden } from './api.ts';
import type { Link } from './connect.ts';
import type { DeadLetters } from './dead-letter.ts';
import { LANE_LEFT } from './lanes.ts';
import { Pull, type RawDelivery } from './pull.ts';
import { createSettler, type Settler } from './settle.ts';
import type { ConsumeOptions, Handler, Reader } from './types.ts';
import { createWatermark, type StartingPoint, type Watermark } from './watermark.ts';
import { Worker } from './worker.ts';

/** Batches asked for ahead, so that the next one is here when the one in hand is done. */
const BATCHES_AHEAD = 2;
/** A message is kept ours while it waits or is handled: this many times within the server's patience. */
const WORKING_PER_ACK_WAIT = 3;
/** How long a durable may take to appear: it is made by the one who sets up the streams. */
const APPEAR_WAIT_MS = 30_000;
const APPEAR_PAUSE_MS = 200;
/** What a handler still gets at the end before its signal says to give up. */
const STOP_GRACE_MS = 10_000;

const Info = z.object({
  delivered: z.object({ stream_seq: z.number() }),
  ack_floor: z.object({ stream_seq: z.number() }),
  num_ack_pending: z.number(),
});

export type ConsumeContext = {
  readonly link: Link;
  readonly deadLetters: DeadLetters;
  readonly lane: string;
};

async function startingPoint(link: Link, stream: string, durable: string): Promise<StartingPoint> {
  const deadline = performance.now() + APPEAR_WAIT_MS;
  for (;;) {
    try {
      const info = await askApi(link, `CONSUMER.INFO.${stream}.${durable}`, Info);
      return {
        ackFloor: info.ack_floor.stream_seq,
        delivered: info.delivered.stream_seq,
        unacknowledged: info.num_ack_pending,
      };
    } catch (error) {
      if (isForbidden(error)) throw new Error(`we may not consume ${durable}`, { cause: error });
      if (performance.now() > deadline || link.isClosed())
        throw new Error(`the durable ${durable} of ${stream} does not answer; are the streams set up?`, {
          cause: error,
        });
      await pause(APPEAR_PAUSE_MS);
    }
  }
}

/**
 * Reads a durable: batches as large as what is at hand, acknowledged after the handler.
 *
 * A message that cannot be read goes to the dead letters at once. A batch that fails is handled in halves; a
 * message that fails alone is delivered again after the durable's back-off, and ends in the dead letters after its last delivery.
 */
export async function consume<S extends z.ZodType>(
  context: ConsumeContext,
  durable: Durable<Channel<S>>,
  handler: Handler<z.output<S>>,
  options: ConsumeOptions = {},
): Promise<Reader> {
  const { link, lane } = context;
  link.activity.consumed(lane, 0);
  const start = await startingPoint(link, durable.channel.stream, durable.name);
  const consumer = new Consumer(context, durable, handler, options, createWatermark(start));
  return { stop: () => consumer.stop() };
}

class Consumer<S extends z.ZodType> {
  readonly #context: ConsumeContext;
  readonly #durable: Durable<Channel<S>>;
  readonly #watermark: Watermark;
  readonly #worker: Worker<S>;
  readonly #settler: Settler;
  readonly #pull: Pull;
  readonly #working: NodeJS.Timeout;
  readonly #gatherMs: number;
  readonly #leaving = new AbortController();
  readonly #stopping = new AbortController();
  /** Messages asked for, waiting or in hand at most. */
  readonly #capacity: number;
  /** Waiting or in hand, until a verdict is sent. */
  readonly #ours = new Map<string, RawDelivery>();
  readonly #queue: RawDelivery[] = [];
  #running = Promise.resolve();
  #idle = true;
  #stopped = false;

  constructor(
    context: ConsumeContext,
    durable: Durable<Channel<S>>,
    handler: Handler<z.output<S>>,
    consumeOptions: ConsumeOptions,
    watermark: Watermark,
  ) {
    const { link, deadLetters, lane } = context;
    this.#context = context;
    this.#durable = durable;
    this.#watermark = watermark;
    this.#gatherMs = consumeOptions.gatherMs ?? 0;
    this.#capacity = Math.min(durable.batchMax * BATCHES_AHEAD, durable.ackPendingMax);
    this.#settler = createSettler(link);
    this.#worker = new Worker({
      link,
      deadLetters,
      durable,
      handler,
      consumeOptions,
      settler: this.#settler,
      signal: this.#stopping.signal,
      onSettled: (raw, done) => {
        this.#ours.delete(keyOf(raw));
        if (done) watermark.settled(raw.sequence);
      },
    });
    link.activity.consumed(lane, watermark.through());
    this.#working = setInterval(() => {
      for (const raw of this.#ours.values()) this.#settler.working(raw);
    }, durable.ackWaitMs / WORKING_PER_ACK_WAIT);
    this.#pull = new Pull(link, durable.channel.stream, durable.name, (raw) => this.#take(raw));
    this.#pull.want(this.#capacity);
  }

  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#leaving.abort();
    this.#pull.stop();
    // What was not begun goes back at once, for whoever reads next.
    for (const raw of this.#queue.splice(0)) this.#settler.nak(raw, 0);
    const grace = setTimeout(() => this.#stopping.abort(), STOP_GRACE_MS);
    await this.#running;
    clearTimeout(grace);
    clearInterval(this.#working);
    this.#settler.stop();
    this.#context.link.activity.consumed(this.#context.lane, LANE_LEFT);
  }

  #take(raw: RawDelivery): void {
    // A redelivery of what is still in our hands: one answer settles both.
    if (this.#stopped || this.#ours.has(keyOf(raw))) return;
    this.#ours.set(keyOf(raw), raw);
    this.#watermark.received(raw.sequence);
    this.#queue.push(raw);
    if (!this.#idle) return;
    this.#idle = false;
    this.#running = this.#context.link.activity.run(() => this.#drain(), `consume ${this.#durable.name}`);
  }

  async #drain(): Promise<void> {
    const { link, lane } = this.#context;
    // What arrived with the first message in one piece of the network becomes one batch.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      if (this.#gatherMs > 0 && this.#queue.length < this.#durable.batchMax)
        await pause(this.#gatherMs, this.#leaving.signal);
      const batch = this.#queue.splice(0, this.#durable.batchMax);
      this.#pull.want(this.#capacity - this.#queue.length - batch.length);
      if (batch.length > 0) await this.#worker.handle(batch);
      link.activity.consumed(lane, this.#watermark.through());
      this.#pull.want(this.#capacity - this.#queue.length);
    }
    // Before anything else can run, so that no message arrives between the last look and this.
    this.#idle = true;
  }
}

/** A stream that was made anew counts from one again, so the time of storing is part of what tells messages apart. */
const keyOf = (raw: RawDelivery): string => `${raw.sequence}:${raw.storedAtNanos}`;
