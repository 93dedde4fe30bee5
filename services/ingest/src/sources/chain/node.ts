import {
  BlockHeader,
  EXCHANGE_CONTRACTS,
  ORDER_FILLED_V1_TOPIC,
  ORDER_FILLED_V2_TOPIC,
  Quantity,
  quantity,
  topicOfAddress,
} from '@slipstream/exchange';
import { type Logger, pause } from '@slipstream/runtime';
import { z } from 'zod';
import { type BlockRange, chunked } from '../../core/chain/block-ranges.ts';
import { Rest } from '../../core/chain/rest.ts';
import { type RpcAnswer, RpcSocket } from './rpc-socket.ts';

/** Attempts to subscribe on one connection before it is given up for another. */
const SUBSCRIBE_ATTEMPTS_MAX = 8;
/** A filter is asked anew when the followed wallets have not changed for so long. */
const RESUBSCRIBE_AFTER_MS = 100;
const LOGS_MAX = 50_000;

const SubscriptionId = z.string().max(200);
const LogsReply = z.array(z.unknown()).max(LOGS_MAX);
const ADDRESSES = EXCHANGE_CONTRACTS.map(({ address }) => address);
const FILLED_TOPICS = [ORDER_FILLED_V2_TOPIC, ORDER_FILLED_V1_TOPIC];

/** Fills of these wallets' orders, whether they rested or took: every order's log has its owner as maker. */
const filterOf = (wallets: readonly string[]) => ({
  address: ADDRESSES,
  topics: [FILLED_TOPICS, null, wallets.map(topicOfAddress)],
});

export type NodeOptions = {
  /** What it is called in logs and metrics: its URL may hold a key. */
  readonly name: string;
  readonly url: string;
  readonly chainId: number;
  readonly walletsPerFilter: number;
  readonly wallets: () => readonly string[];
  readonly onHead: (head: BlockHeader, node: ChainNode) => void;
  readonly onLog: (log: unknown, node: ChainNode) => void;
  /** It listens, anew or to more wallets: what came before may have been missed. */
  readonly onListening: (node: ChainNode) => void;
  readonly onRubbish: (text: string, node: ChainNode) => void;
  readonly log: Logger;
};

export type LogsAnswer =
  | { readonly kind: 'ok'; readonly logs: readonly unknown[] }
  | Exclude<RpcAnswer, { kind: 'ok' }>;

/** One node: a kept connection with its subscriptions, and what may be asked of it. */
export class ChainNode {
  readonly name: string;
  readonly #options: NodeOptions;
  readonly #rpc: RpcSocket;
  readonly #rest = new Rest();
  readonly #stopping = new AbortController();
  /** Subscription by the wallets that it covers; the heads have the empty key. */
  #subscribed = new Map<string, string>();
  #connection = 0;
  #listening = false;
  #subscribing: Promise<void> = Promise.resolve();
  #resubscribe: NodeJS.Timeout | null = null;
  #heardAt = 0;
  head: number | null = null;

  constructor(options: NodeOptions) {
    this.#options = options;
    this.name = options.name;
    this.#rpc = new RpcSocket({
      url: options.url,
      onOpen: () => this.#onOpen(),
      onClose: () => this.#onClose(),
      onNotice: (told) => this.#onNotice(told),
      onRubbish: (text) => options.onRubbish(text, this),
    });
  }

  isListening(): boolean {
    return this.#listening && this.#rpc.isOpen();
  }

  /** Whether it may be asked now; it is left alone for a while after it said “too many requests”. */
  isAskable(): boolean {
    return this.#rpc.isOpen() && this.#rest.isOver(performance.now());
  }

  isOpen(): boolean {
    return this.#rpc.isOpen();
  }

  silentForMs(): number {
    return performance.now() - this.#heardAt;
  }

  renew(why: string): void {
    this.#options.log.warn({ node: this.name, why }, 'chain.renewed');
    this.#rpc.renew();
  }

  /** A sign of life, so that the other side does not take us for gone; a connection that does not answer is ended. */
  ping(): void {
    if (this.#rpc.isOpen()) this.#rpc.flushed().catch(() => this.#rpc.renew());
  }

  /** Listens to the followed wallets of now. */
  onWallets(): void {
    if (this.#resubscribe !== null) clearTimeout(this.#resubscribe);
    this.#resubscribe = setTimeout(() => this.#subscribe(), RESUBSCRIBE_AFTER_MS);
  }

  stop(): void {
    if (this.#resubscribe !== null) clearTimeout(this.#resubscribe);
    this.#stopping.abort();
    this.#rpc.stop();
  }

  async logs(wallets: readonly string[], range: BlockRange): Promise<LogsAnswer> {
    const blocks = { fromBlock: quantity(range.from), toBlock: quantity(range.to) };
    const answer = await this.#ask('eth_getLogs', [{ ...filterOf(wallets), ...blocks }]);
    if (answer.kind !== 'ok') return answer;
    const logs = LogsReply.safeParse(answer.value);
    return logs.success ? { kind: 'ok', logs: logs.data } : { kind: 'silent', why: 'not a list of logs' };
  }

  /** Null: the node does not have the block, or does not answer. */
  async header(blockNumber: number): Promise<BlockHeader | null> {
    const answer = await this.#ask('eth_getBlockByNumber', [quantity(blockNumber), false]);
    return answer.kind === 'ok' ? (BlockHeader.safeParse(answer.value).data ?? null) : null;
  }

  async headNow(): Promise<number | null> {
    const answer = await this.#ask('eth_blockNumber', []);
    return answer.kind === 'ok' ? (Quantity.safeParse(answer.value).data ?? null) : null;
  }

  async #ask(method: string, params: readonly unknown[]): Promise<RpcAnswer> {
    const answer = await this.#rpc.request(method, params);
    if (answer.kind === 'refused' && answer.trouble === 'rate-limited') {
      const restMs = this.#rest.begin(performance.now());
      this.#options.log.warn({ node: this.name, method, restMs }, 'chain.rate-limited');
    } else if (answer.kind === 'ok') this.#rest.good();
    return answer;
  }

  #onOpen(): void {
    this.#connection += 1;
    this.#subscribed = new Map();
    // What it told on the connection before is no sign that it is behind now.
    this.head = null;
    this.#heardAt = performance.now();
    this.#subscribe();
  }

  #onClose(): void {
    this.#listening = false;
    this.#options.log.warn({ node: this.name, connection: this.#connection }, 'chain.closed');
  }

  #onNotice(told: unknown): void {
    this.#heardAt = performance.now();
    if (typeof told !== 'object' || told === null) return;
    if ('topics' in told) this.#options.onLog(told, this);
    else this.#onHead(told);
  }

  #onHead(told: object): void {
    const header = BlockHeader.safeParse(told);
    if (!header.success) {
      this.#options.onRubbish(JSON.stringify(told), this);
      return;
    }
    this.head = header.data.number;
    this.#options.onHead(header.data, this);
  }

  /** One after another, so that two changes of the wallets never interleave. */
  #subscribe(): void {
    const connection = this.#connection;
    this.#subscribing = this.#subscribing
      .then(() => this.#listen(connection))
      .catch((error: unknown) =>
        this.#options.log.warn({ node: this.name, error: String(error) }, 'chain.unsubscribed'),
      );
  }

  /** Asks for what is missing first and gives back what is no longer needed after, so that nothing falls between. */
  async #listen(connection: number): Promise<void> {
    const { wallets, walletsPerFilter, log, onListening } = this.#options;
    const isGone = (): boolean => connection !== this.#connection || !this.#rpc.isOpen();
    if (isGone() || !(await this.#isOurChain(isGone))) return;
    const chunks = chunked([...wallets()].sort(), walletsPerFilter);
    const wanted = new Map(chunks.map((chunk) => [chunk.join(), ['logs', filterOf(chunk)] as const]));
    let isNew = false;
    for (const [key, params] of [['', ['newHeads']] as const, ...wanted]) {
      if (this.#subscribed.has(key)) continue;
      const id = SubscriptionId.safeParse(await this.#persist('eth_subscribe', params, isGone));
      if (isGone()) return;
      if (!id.success) return this.renew('it does not let us subscribe');
      this.#subscribed.set(key, id.data);
      isNew = true;
    }
    for (const [key, id] of [...this.#subscribed]) {
      if (key === '' || wanted.has(key)) continue;
      this.#subscribed.delete(key);
      await this.#ask('eth_unsubscribe', [id]);
    }
    if (isGone()) return;
    this.#listening = true;
    log.info({ node: this.name, connection, filters: chunks.length }, 'chain.listening');
    if (isNew) onListening(this);
  }

  async #isOurChain(isGone: () => boolean): Promise<boolean> {
    const { chainId, log } = this.#options;
    if (this.#subscribed.size > 0) return true;
    const told = Quantity.safeParse(await this.#persist('eth_chainId', [], isGone)).data;
    if (isGone()) return false;
    if (told === chainId) return true;
    log.error({ node: this.name, told: told ?? null, chainId }, 'chain.wrong-chain');
    this.renew('it is a node of another chain');
    return false;
  }

  /** Asks again after each rest, a bounded number of times. Null: it will not. */
  async #persist(method: string, params: readonly unknown[], isGone: () => boolean): Promise<unknown> {
    const { signal } = this.#stopping;
    for (let attempt = 0; attempt < SUBSCRIBE_ATTEMPTS_MAX && !isGone(); attempt++) {
      const answer = await this.#ask(method, params);
      if (answer.kind === 'ok') return answer.value;
      this.#options.log.warn({ node: this.name, method, why: answer.why }, 'chain.refused');
      if (answer.kind !== 'refused' || answer.trouble !== 'rate-limited') return null;
      await pause(this.#rest.leftMs(performance.now()), signal);
    }
    return null;
  }
}
