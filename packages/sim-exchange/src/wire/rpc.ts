import { z } from 'zod';
import type { Chain, ChainLog, Header } from '../chain/chain.ts';
import type { Faults, RpcName } from './faults.ts';
import { isFaulty } from './faults.ts';
import { failure, json, type Route } from './http.ts';
import { BlockTag, LogFilter, type Matcher, matcherOf } from './rpc-filter.ts';

const BATCH_MAX = 100;
/** Blocks that one `eth_getLogs` may span, and logs that it may give, unless a fault says less. */
const RANGE_BLOCKS_MAX = 10_000;
const RESULTS_MAX = 10_000;
/** How far back a block is found by its hash. */
const HASH_DEPTH = 1_000;

const INVALID_REQUEST = -32_600;
const METHOD_NOT_FOUND = -32_601;
const INVALID_PARAMS = -32_602;
const SERVER_ERROR = -32_000;
const LIMIT_EXCEEDED = -32_005;

const Request = z.looseObject({
  id: z.union([z.string(), z.number(), z.null()]).default(null),
  method: z.string(),
  params: z.array(z.unknown()).default([]),
});

/** What a call may ask of its own socket; over plain HTTP there is none. */
export type Subscriptions = {
  readonly subscribe: (matches: Matcher | 'newHeads') => string | null;
  readonly unsubscribe: (id: string) => boolean;
};

type Failed = { readonly code: number; readonly message: string };
type Outcome = { readonly result: unknown } | { readonly error: Failed };

const hex = (n: number): string => `0x${n.toString(16)}`;
const result = (value: unknown): Outcome => ({ result: value });
const error = (code: number, message: string): Outcome => ({ error: { code, message } });
const ZERO_HASH = `0x${'0'.repeat(64)}`;

/** A header as `newHeads` tells it. The chain holds nothing but trades, so its roots are zero. */
export const headerJson = ({ number, hash, parentHash, time }: Header) => ({
  number: hex(number),
  hash,
  parentHash,
  timestamp: hex(time),
  miner: `0x${'0'.repeat(40)}`,
  gasLimit: '0x0',
  gasUsed: '0x0',
  baseFeePerGas: '0x0',
  difficulty: '0x1',
  extraData: '0x',
  nonce: '0x0000000000000000',
  mixHash: ZERO_HASH,
  sha3Uncles: ZERO_HASH,
  stateRoot: ZERO_HASH,
  receiptsRoot: ZERO_HASH,
  transactionsRoot: ZERO_HASH,
});

/** A log as a node tells it; the time of its block comes with answers and not with subscriptions, as nodes differ. */
export const logJson = (log: ChainLog, removed: boolean, withTime: boolean) => ({
  address: log.address,
  topics: log.topics,
  data: log.data,
  blockNumber: hex(log.blockNumber),
  blockHash: log.blockHash,
  ...(withTime ? { blockTimestamp: hex(log.blockTime) } : {}),
  transactionHash: log.transactionHash,
  transactionIndex: hex(log.transactionIndex),
  logIndex: hex(log.logIndex),
  removed,
});

const numberOf = (tag: BlockTag | null | undefined, head: number): number => {
  if (typeof tag === 'number') return tag;
  return tag === 'earliest' ? 0 : head;
};

function getLogs(chain: Chain, faults: Faults, params: readonly unknown[]): Outcome {
  const filter = LogFilter.safeParse(params[0]);
  if (!filter.success) return error(INVALID_PARAMS, z.prettifyError(filter.error));
  const { blockHash, fromBlock, toBlock } = filter.data;
  const head = chain.head();
  let [from, to] = [numberOf(fromBlock, head), numberOf(toBlock, head)];
  if (blockHash != null) {
    const number = chain.numberOf(blockHash, HASH_DEPTH);
    if (number === null) return error(SERVER_ERROR, 'unknown block');
    [from, to] = [number, number];
  }
  if (from > to) return error(SERVER_ERROR, 'invalid block range params');
  const blocksMax = faults.rpcRangeMax === 0 ? RANGE_BLOCKS_MAX : faults.rpcRangeMax;
  if (to - from + 1 > blocksMax)
    return error(INVALID_PARAMS, `eth_getLogs is limited to a ${blocksMax} block range`);
  const matches = matcherOf(filter.data);
  const found: ReturnType<typeof logJson>[] = [];
  for (const number of chain.filledBlocks(from, to)) {
    for (const log of chain.logsOf(number)) if (matches(log)) found.push(logJson(log, false, true));
    if (found.length > RESULTS_MAX)
      return error(LIMIT_EXCEEDED, `query returned more than ${RESULTS_MAX} results`);
  }
  return result(found);
}

function getBlock(chain: Chain, params: readonly unknown[]): Outcome {
  const tag = BlockTag.safeParse(params[0]);
  if (!tag.success) return error(INVALID_PARAMS, 'invalid block number');
  const header = chain.header(numberOf(tag.data, chain.head()));
  return result(header === null ? null : { ...headerJson(header), transactions: [], uncles: [] });
}

function subscribe(params: readonly unknown[], subscriptions: Subscriptions | null): Outcome {
  if (subscriptions === null) return error(METHOD_NOT_FOUND, 'notifications not supported');
  const [kind, raw] = params;
  const filter = LogFilter.safeParse(raw ?? {});
  if (kind !== 'newHeads' && kind !== 'logs')
    return error(INVALID_PARAMS, `no "${String(kind)}" subscription in eth namespace`);
  if (kind === 'logs' && !filter.success) return error(INVALID_PARAMS, z.prettifyError(filter.error));
  const id = subscriptions.subscribe(
    kind === 'newHeads' || !filter.success ? 'newHeads' : matcherOf(filter.data),
  );
  return id === null ? error(SERVER_ERROR, 'too many subscriptions') : result(id);
}

export type Rpc = {
  /** The answer to a parsed request or batch, ready to be written. */
  readonly answer: (said: unknown, name: RpcName, subscriptions: Subscriptions | null) => unknown;
};

/** The part of Ethereum's JSON-RPC that a reader of logs needs. */
export function openRpc(chain: Chain, faults: Faults, chainId: number): Rpc {
  const call = (method: string, params: readonly unknown[], own: Subscriptions | null): Outcome => {
    switch (method) {
      case 'eth_chainId':
        return result(hex(chainId));
      case 'net_version':
        return result(String(chainId));
      case 'eth_blockNumber':
        return result(hex(chain.head()));
      case 'eth_getBlockByNumber':
        return getBlock(chain, params);
      case 'eth_getLogs':
        return getLogs(chain, faults, params);
      case 'eth_subscribe':
        return subscribe(params, own);
      case 'eth_unsubscribe':
        return result(own?.unsubscribe(String(params[0])) ?? false);
      default:
        return error(METHOD_NOT_FOUND, `the method ${method} does not exist/is not available`);
    }
  };
  const one = (said: unknown, name: RpcName, own: Subscriptions | null): object => {
    const request = Request.safeParse(said);
    if (!request.success)
      return { jsonrpc: '2.0', id: null, error: { code: INVALID_REQUEST, message: 'invalid request' } };
    const { id, method, params } = request.data;
    const outcome =
      faults.rpcRateLimited && isFaulty(faults, name)
        ? error(LIMIT_EXCEEDED, 'request rate limit exceeded')
        : call(method, params, own);
    return { jsonrpc: '2.0', id, ...outcome };
  };
  return {
    answer: (said, name, own) => {
      if (!Array.isArray(said)) return one(said, name, own);
      if (said.length > 0 && said.length <= BATCH_MAX) return said.map((each) => one(each, name, own));
      return { jsonrpc: '2.0', id: null, error: { code: INVALID_REQUEST, message: 'batch too large' } };
    },
  };
}

/** JSON-RPC over plain HTTP. */
export function rpcRoutes(rpc: Rpc, faults: Faults, path: string): Route {
  return (call) => {
    if (call.path !== path) return null;
    if (call.method !== 'POST') return failure(405, 'Method not allowed');
    const faulty = isFaulty(faults, 'first');
    if (faults.rpcDown && faulty) return failure(503, 'Service unavailable');
    const answer = rpc.answer(call.body, 'first', null);
    return faults.rpcRateLimited && faulty ? json(answer, 429, { 'retry-after': '1' }) : json(answer);
  };
}
