import type { Clock } from '@slipstream/runtime';
import type { Chain, ChainLog } from '../chain/chain.ts';
import { hashFrom } from '../venue/market.ts';
import { type Faults, isFaulty, RPC_NAMES, type RpcName } from './faults.ts';
import { headerJson, logJson, type Rpc, type Subscriptions } from './rpc.ts';
import type { Matcher } from './rpc-filter.ts';
import { type Client, openHub, type SocketHub } from './sockets.ts';

const SUBSCRIPTIONS_MAX = 100;
/** Blocks told at once after the process slept; older ones are read with `eth_getLogs`. */
const BLOCKS_TOLD_MAX = 100;
const ID_CHARACTERS = 34;

type Wanted = Matcher | 'newHeads';
type Subscriber = { readonly name: RpcName; readonly wanted: Map<string, Wanted> };

export type RpcSocketOptions = {
  readonly chain: Chain;
  readonly rpc: Rpc;
  readonly faults: Faults;
  readonly clock: Pick<Clock, 'at'>;
  readonly path: string;
};

const pathOf = (path: string, name: RpcName): string => (name === 'first' ? path : `${path}/${name}`);

/** Null for what is no JSON, which is answered as an invalid request. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Tells the subscribers of one chain what is mined, block by block, for as long as anybody listens. */
export class RpcSockets {
  readonly #options: RpcSocketOptions;
  readonly hubs: readonly SocketHub<Subscriber>[];
  #ids = 0;
  #logs = 0;
  #told: number;
  #armed = false;
  #closed = false;

  constructor(options: RpcSocketOptions) {
    this.#options = options;
    this.#told = options.chain.head();
    this.hubs = RPC_NAMES.map((name) => this.#open(name));
  }

  /** Cuts the sockets that faults concern. */
  cutAll(): void {
    for (const client of this.#clients())
      if (isFaulty(this.#options.faults, client.state.name)) client.socket.terminate();
  }

  /** Replaces the newest blocks and tells who listens: what is gone, the new heads, and what they hold. */
  reorganise(depth: number, returnAfter: number | null): void {
    const { chain } = this.#options;
    this.#tellMined();
    const { gone, from } = chain.reorganise(depth, returnAfter);
    for (const log of gone) this.#tellLog(log, true);
    for (let number = from; number <= chain.head(); number++) this.#tellBlock(number);
  }

  close(): void {
    this.#closed = true;
    for (const hub of this.hubs) hub.close();
  }

  #clients(): Client<Subscriber>[] {
    return this.hubs.flatMap((hub) => [...hub.clients]);
  }

  #isListening(): boolean {
    return this.#clients().some((client) => client.state.wanted.size > 0);
  }

  #isFrozen(name: RpcName): boolean {
    const { faults } = this.#options;
    return faults.rpcFrozen && isFaulty(faults, name);
  }

  #open(name: RpcName): SocketHub<Subscriber> {
    const { path, faults } = this.#options;
    const hub = openHub<Subscriber>({
      path: pathOf(path, name),
      open: () => ({ name, wanted: new Map() }),
      hear: (client, text) => this.#hear(hub, client, text),
      answersPing: () => !this.#isFrozen(name),
    });
    return {
      ...hub,
      upgrade: (request, socket, head) =>
        faults.rpcDown && isFaulty(faults, name) ? false : hub.upgrade(request, socket, head),
    };
  }

  #hear(hub: SocketHub<Subscriber>, client: Client<Subscriber>, text: string): void {
    const { name } = client.state;
    if (this.#isFrozen(name)) return;
    const answer = this.#options.rpc.answer(parsed(text), name, this.#subscriptionsOf(client));
    hub.send(client, JSON.stringify(answer));
  }

  #subscriptionsOf({ state }: Client<Subscriber>): Subscriptions {
    return {
      subscribe: (wanted) => {
        if (state.wanted.size >= SUBSCRIPTIONS_MAX) return null;
        if (!this.#isListening()) this.#told = this.#options.chain.head();
        const id = hashFrom('subscription', String(++this.#ids)).slice(0, ID_CHARACTERS);
        state.wanted.set(id, wanted);
        this.#arm();
        return id;
      },
      unsubscribe: (id) => state.wanted.delete(id),
    };
  }

  /** Only while somebody listens: on a tape every block would be an instant. */
  #arm(): void {
    const { chain, clock } = this.#options;
    if (this.#armed || this.#closed || !this.#isListening()) return;
    this.#armed = true;
    clock.at(new Date(chain.minedAtMs(this.#told + 1)), 'chain:block', async () => {
      this.#armed = false;
      this.#tellMined();
      this.#arm();
    });
  }

  #tellMined(): void {
    const head = this.#options.chain.head();
    for (let number = Math.max(this.#told + 1, head - BLOCKS_TOLD_MAX); number <= head; number++)
      this.#tellBlock(number);
    this.#told = Math.max(this.#told, head);
  }

  #tellBlock(number: number): void {
    const { chain } = this.#options;
    const header = chain.header(number);
    if (header === null) return;
    this.#tell((wanted) => (wanted === 'newHeads' ? headerJson(header) : null));
    for (const log of chain.logsOf(number)) this.#tellLog(log, false);
  }

  #tellLog(log: ChainLog, removed: boolean): void {
    this.#tell((wanted) => (wanted !== 'newHeads' && wanted(log) ? logJson(log, removed, false) : null));
  }

  /** Everybody who listens and is not frozen, for each of his subscriptions. */
  #tell(what: (wanted: Wanted) => object | null): void {
    for (const hub of this.hubs)
      for (const client of hub.clients) {
        if (this.#isFrozen(client.state.name)) continue;
        for (const [id, wanted] of client.state.wanted) {
          const result = what(wanted);
          if (result === null || this.#isMissed(client, wanted)) continue;
          const params = { subscription: id, result };
          hub.send(client, JSON.stringify({ jsonrpc: '2.0', method: 'eth_subscription', params }));
        }
      }
  }

  #isMissed(client: Client<Subscriber>, wanted: Wanted): boolean {
    const { faults } = this.#options;
    if (wanted === 'newHeads' || faults.rpcMissing === 0 || !isFaulty(faults, client.state.name))
      return false;
    this.#logs += 1;
    return this.#logs % faults.rpcMissing === 0;
  }
}
