import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSocket, postJson, startTestSim, type TestSim, waitFor } from '../../test/sim.ts';
import { BLOCK_MS } from '../chain/chain.ts';

type Told = {
  readonly method?: string;
  readonly id?: number;
  readonly result?: unknown;
  readonly params?: { readonly result: Record<string, unknown> };
};
type Log = {
  readonly blockNumber: string;
  readonly logIndex: string;
  readonly removed: boolean;
  readonly transactionHash: string;
};

let sim: TestSim;
let socket: Awaited<ReturnType<typeof openSocket>>;
let asked = 0;

beforeEach(async () => {
  sim = await startTestSim();
  socket = await openSocket(sim.endpoints.rpcWs[0] ?? '');
});
afterEach(async () => {
  socket.close();
  await sim.stop();
});

const faults = (body: object) => postJson(`${sim.endpoints.admin}/faults`, body);
const burst = async (count = 1) => {
  const { body } = await postJson(`${sim.endpoints.admin}/burst`, { wallet: sim.wallets[0], count });
  return (body as { trades: { transactionHash: string }[] }).trades.map((trade) => trade.transactionHash);
};
const told = (): Told[] => socket.heard.map((text) => JSON.parse(text));
const ask = async (method: string, ...params: readonly unknown[]): Promise<Told> => {
  const id = ++asked;
  socket.say({ jsonrpc: '2.0', id, method, params });
  await waitFor(() => told().some((one) => one.id === id));
  return told().find((one) => one.id === id) ?? {};
};
const call = async (method: string, ...params: readonly unknown[]) =>
  (await postJson(sim.endpoints.rpc, { jsonrpc: '2.0', id: 1, method, params })).body as {
    result: Log[];
    error: { code: number; message: string };
  };
const mine = async (blocks = 1): Promise<void> => {
  for (let i = 0; i < blocks; i++) await sim.clock.advance(BLOCK_MS);
  await socket.settle();
};
const ORDER_FILLED = '0xd543adfd945773f1a62f74f0ee55a5e3b9b1a28262980ba90b1a89f2ea84d8ee';
const maker = () => [ORDER_FILLED, null, [`0x${sim.wallets[0]?.slice(2).padStart(64, '0')}`]];
const logs = (): Log[] =>
  told().flatMap(({ params }) =>
    params !== undefined && 'topics' in params.result ? [params.result as unknown as Log] : [],
  );
const heads = () => told().filter(({ params }) => params !== undefined && 'parentHash' in params.result);

describe('JSON-RPC', () => {
  test('answers requests and batches over HTTP', async () => {
    const one = (id: number, method: string) => ({ jsonrpc: '2.0', id, method, params: [] });
    const { body } = await postJson(sim.endpoints.rpc, [one(1, 'eth_chainId'), one(2, 'net_version')]);
    expect(body).toEqual([
      { jsonrpc: '2.0', id: 1, result: '0x89' },
      { jsonrpc: '2.0', id: 2, result: '137' },
    ]);
    expect((await call('eth_subscribe', 'logs')).error.code).toBe(-32_601);
  });

  test('gives logs by range, by block, by address and by topic', async () => {
    const made = await burst(2);
    await mine();
    const { result } = await call('eth_getLogs', {
      fromBlock: '0x0',
      toBlock: 'latest',
      topics: maker(),
    }).then(async (refused) => {
      expect(refused.error.code).toBe(-32_602);
      return call('eth_getLogs', { fromBlock: 'latest', topics: maker() });
    });
    expect(result.map((log) => log.transactionHash)).toEqual(made);
    const [log] = result as unknown as { blockHash: string; address: string }[];
    const byHash = await call('eth_getLogs', { blockHash: log?.blockHash, address: log?.address });
    expect(byHash.result.length).toBeGreaterThanOrEqual(6);
    expect((await call('eth_getLogs', { blockHash: `0x${'0'.repeat(64)}` })).error.message).toBe(
      'unknown block',
    );
    const header = await call('eth_getBlockByNumber', 'latest', false);
    expect(header).toMatchObject({ result: { hash: log?.blockHash } });
    expect(await call('eth_getBlockByNumber', '0xffffffffff', false)).toMatchObject({ result: null });
  });

  test('tells new heads and logs as blocks are mined, until it is asked to stop', async () => {
    await ask('eth_subscribe', 'newHeads');
    const { result: id } = await ask('eth_subscribe', 'logs', { topics: maker() });
    const made = await burst(3);
    expect(logs()).toEqual([]);
    await mine(2);
    expect(logs().map((log) => log.transactionHash)).toEqual(made);
    expect(heads()).toHaveLength(2);
    expect(await ask('eth_unsubscribe', id)).toMatchObject({ result: true });
    await burst(1);
    await mine();
    expect([logs().length, heads().length]).toEqual([3, 3]);
  });

  test('a reorganisation tells what is gone, and what stands there instead', async () => {
    await ask('eth_subscribe', 'logs', { topics: maker() });
    const made = await burst(2);
    await mine();
    await faults({ reorg: { depth: 1 } });
    await socket.settle();
    expect(logs().map((log) => [log.transactionHash, log.removed])).toEqual([
      [made[0], false],
      [made[1], false],
      [made[1], true],
      [made[0], true],
      [made[1], false],
      [made[0], false],
    ]);
  });

  test('faults: lost logs, silence, refusals, an end', async () => {
    await ask('eth_subscribe', 'logs', { topics: maker() });
    await faults({ rpcMissing: 2 });
    await burst(4);
    await mine();
    expect(logs()).toHaveLength(2);
    await faults({ rpcMissing: 0, rpcRateLimited: true });
    expect(await ask('eth_chainId')).toMatchObject({ error: { code: -32_005 } });
    expect((await postJson(sim.endpoints.rpc, {})).status).toBe(429);
    await faults({ rpcRateLimited: false, rpcOnly: 'second', rpcFrozen: true });
    expect(await ask('eth_chainId')).toMatchObject({ result: '0x89' });
    await faults({ rpcOnly: '', rpcFrozen: false, rpcRangeMax: 2 });
    expect((await call('eth_getLogs', { fromBlock: '0x1', toBlock: '0x3' })).error.message).toMatch(
      /2 block range/,
    );
    await faults({ rpcDown: true });
    await waitFor(() => socket.isClosed());
    await expect(openSocket(sim.endpoints.rpcWs[1] ?? '')).rejects.toThrow();
  });
});
