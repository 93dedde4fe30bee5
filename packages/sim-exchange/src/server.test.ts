import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { getJson, postJson, startTestSim, type TestSim } from '../test/sim.ts';

let sim: TestSim;
beforeAll(async () => {
  sim = await startTestSim();
});
afterAll(() => sim.stop());

describe('the chain', () => {
  const ask = async (body: unknown) => (await postJson(sim.endpoints.rpc, body)).body;

  test('knows its id and a height, and says of anything else that it does not', async () => {
    const call = (method: string) => ask({ jsonrpc: '2.0', id: 7, method, params: [] });
    expect(await call('eth_chainId')).toEqual({ jsonrpc: '2.0', id: 7, result: '0x89' });
    expect(await call('eth_blockNumber')).toMatchObject({ result: expect.stringMatching(/^0x[0-9a-f]+$/) });
    expect(await call('eth_sendRawTransaction')).toMatchObject({
      id: 7,
      error: { code: -32601, message: expect.stringContaining('eth_sendRawTransaction') },
    });
  });

  test.each([[[]], [7], [{}], [null]])('answers %j with an error', async (body) => {
    expect(await ask(body)).toMatchObject({ id: null, error: { code: -32600 } });
  });
});

describe('price histories', () => {
  const history = async (query: string) =>
    (await getJson(`${sim.endpoints.clob}/prices-history?${query}`)).body;

  test('are the last trade of each step, mirrored for the other outcome', async () => {
    const [market] = [...sim.venue.markets.values()];
    if (!market) throw new Error('no market');
    const nowMs = sim.clock.now().getTime();
    const trade = (secondsAgo: number, price: string) =>
      sim.venue.trade({
        wallet: sim.wallets[0] ?? '',
        tokenId: market.tokenIds[0],
        conditionId: market.conditionId,
        side: 'BUY',
        price,
        size: '5',
        transactionHash: '0x1',
        atMs: nowMs - secondsAgo * 1_000,
      });
    trade(120, '0.4');
    trade(10, '0.45');
    trade(5, '0.55');
    const now = nowMs / 1_000;
    expect(await history(`market=${market.tokenIds[0]}`)).toEqual({
      history: [
        { t: now - 120, p: 0.4 },
        { t: now - 5, p: 0.55 },
      ],
    });
    expect(await history(`market=${market.tokenIds[1]}&startTs=${now - 60}`)).toEqual({
      history: [{ t: now - 5, p: 0.45 }],
    });
    expect((await getJson(`${sim.endpoints.clob}/prices-history?market=7`)).status).toBe(404);
    expect(
      (await getJson(`${sim.endpoints.clob}/prices-history?market=${market.tokenIds[0]}&interval=2y`)).status,
    ).toBe(400);
  });
});

test('a target that is no path is answered with 400', async () => {
  const { port } = new URL(sim.endpoints.clob);
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect({ port: Number(port), host: '127.0.0.1' });
    let text = '';
    socket.on('data', (piece) => {
      text += piece.toString();
    });
    socket.once('close', () => resolve(text));
    socket.once('error', reject);
    socket.end('GET //:x HTTP/1.1\r\nHost: sim\r\nConnection: close\r\n\r\n');
  });
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
});
