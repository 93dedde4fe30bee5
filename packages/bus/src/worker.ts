import type { Channel, Durable } from '@slipstream/proto';
import type { CounterMetric } from '@slipstream/runtime';
import type { z } from 'zod';
import type { Link } from './connect.ts';
import type { DeadLetters } from './dead-letter.ts';
import { decode, headersOf, textOf } from './decode.ts';
import { storedAtMs } from './delivered.ts';
import type { RawDelivery } from './pull.ts';
import type { Settler } from './settle.ts';
import { publishedSubject } from './stored-subject.ts';
import type { ConsumeOptions, Delivery, Handler } from './types.ts';
import { type Failure, isSilentKiller, Poison, verdictOf } from './verdict.ts';

type Held<M> = { readonly raw: RawDelivery; readonly delivery: Delivery<M> };

type WorkerOptions<S extends z.ZodType> = {
  readonly link: Link;
  readonly deadLetters: DeadLetters;
  readonly durable: Durable<Channel<S>>;
  readonly handler: Handler<z.output<S>>;
  readonly consumeOptions: ConsumeOptions;
  readonly settler: Settler;
  readonly signal: AbortSignal;
  /** Told before the server is: it is not ours any more; `done` when it will not come again. */
  readonly onSettled: (raw: RawDelivery, done: boolean) => void;
};

/** Takes batches from delivery to verdict; it does not throw. */
export class Worker<S extends z.ZodType> {
  readonly #options: WorkerOptions<S>;
  readonly #verdicts: CounterMetric | undefined;

  constructor(options: WorkerOptions<S>) {
    this.#options = options;
    this.#verdicts = options.link.metrics?.counter({
      name: 'bus_verdict',
      help: 'Deliveries by what became of them',
      labels: ['durable', 'verdict'],
    });
  }

  /** Handles a batch at once; when that fails, in halves, so that a bad message does not hold the others back. */
  async handle(batch: readonly RawDelivery[]): Promise<void> {
    const readable = await this.#read(batch);
    if (readable.length > 0) await this.#take(readable);
  }

  /** Gives what was away when the last of them was tried, so that the rest is not tried in vain. */
  async #take(held: readonly Held<z.output<S>>[]): Promise<Failed | null> {
    const failed = await this.#attempt(held);
    if (failed === null) {
      // Without a pause in between, so that all acknowledgements leave in one piece.
      for (const { raw } of held) this.#ack(raw);
      return null;
    }
    if (failed.failure === 'outage' || held.length === 1) return this.#giveUp(held, failed);
    const middle = Math.ceil(held.length / 2);
    const away = await this.#take(held.slice(0, middle));
    const rest = held.slice(middle);
    return away === null ? this.#take(rest) : this.#giveUp(rest, away);
  }

  async #giveUp(held: readonly Held<z.output<S>>[], failed: Failed): Promise<Failed | null> {
    for (const each of held) await this.#settle(each, failed);
    return failed.failure === 'outage' ? failed : null;
  }

  async #read(batch: readonly RawDelivery[]): Promise<Held<z.output<S>>[]> {
    const { durable } = this.#options;
    const readable: Held<z.output<S>>[] = [];
    for (const raw of batch) {
      if (isSilentKiller(raw.deliveries, durable.deliveriesMax)) {
        await this.#bury(raw, 'exhausted', `delivered ${raw.deliveries} times without a verdict`);
        continue;
      }
      const subject = publishedSubject(durable.channel, raw.msg.subject);
      const wire = { subject, headers: headersOf(raw.msg.headers), payload: textOf(raw.msg.data) };
      const decoded = decode(durable.channel, wire);
      if (decoded.kind === 'schema') {
        await this.#bury(raw, 'schema', decoded.error);
        continue;
      }
      const { message, trace } = decoded;
      const { sequence, deliveries, receivedAt } = raw;
      readable.push({ raw, delivery: { message, trace, subject, sequence, deliveries, receivedAt } });
    }
    return readable;
  }

  async #attempt(held: readonly Held<z.output<S>>[]): Promise<Failed | null> {
    const { handler, signal, consumeOptions } = this.#options;
    try {
      await handler(
        held.map((h) => h.delivery),
        signal,
      );
      return null;
    } catch (error) {
      return { failure: failureOf(error, consumeOptions), error };
    }
  }

  async #settle({ raw }: Held<z.output<S>>, failed: Failed): Promise<void> {
    const { durable, settler, link, onSettled } = this.#options;
    const verdict = verdictOf(failed.failure, raw.deliveries, durable);
    if (verdict.kind === 'dead') {
      await this.#bury(raw, verdict.reason, describe(failed.error));
      return;
    }
    this.#verdicts?.add({ durable: durable.name, verdict: 'nak' });
    onSettled(raw, false);
    const { sequence, deliveries } = raw;
    const { delayMs } = verdict;
    link.log.warn(
      { durable: durable.name, sequence, deliveries, delayMs, error: failed.error },
      'bus.handler-failed',
    );
    settler.nak(raw, delayMs);
  }

  #ack(raw: RawDelivery): void {
    const { durable, settler, onSettled } = this.#options;
    this.#verdicts?.add({ durable: durable.name, verdict: 'ack' });
    onSettled(raw, true);
    settler.ack(raw);
  }

  /** Only what the dead letters have is taken from the stream's account; until then it comes again. */
  async #bury(raw: RawDelivery, reason: 'schema' | 'poison' | 'exhausted', error: string): Promise<void> {
    const { durable, settler, link, deadLetters, onSettled } = this.#options;
    const { stream, sequence, deliveries } = raw;
    try {
      await deadLetters.send({
        deadId: `${durable.name}:${sequence}:${storedAtMs(raw.storedAtNanos)}`,
        durable: durable.name,
        stream,
        subject: raw.msg.subject,
        sequence,
        deliveries,
        reason,
        error,
        headers: headersOf(raw.msg.headers),
        payload: textOf(raw.msg.data),
      });
    } catch (failure) {
      link.log.error({ durable: durable.name, sequence, error: failure }, 'bus.dead-letter-failed');
      onSettled(raw, false);
      settler.nak(raw, durable.backoffMs.at(-1) ?? 0);
      return;
    }
    link.log.error({ durable: durable.name, sequence, reason, why: error }, 'bus.dead-letter');
    this.#verdicts?.add({ durable: durable.name, verdict: reason });
    onSettled(raw, true);
    settler.term(raw);
  }
}

type Failed = { readonly failure: Failure; readonly error: unknown };

function failureOf(error: unknown, options: ConsumeOptions): Failure {
  if (error instanceof Poison || options.poisonFrom?.(error) === true) return 'poison';
  return options.outageFrom?.(error) === true ? 'outage' : 'fault';
}

const describe = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);
