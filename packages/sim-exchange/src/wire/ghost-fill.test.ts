import { expect, test } from 'vitest';
import { walletOf } from '../../test/account.ts';
import { getJson, openSocket, postJson, startTestSim } from '../../test/sim.ts';

const FIRST = walletOf(0);

test('a trade that will fail is on its market’s tape at once, and on no feed of wallets, nor on the chain', async () => {
  const sim = await startTestSim({ rate: 0 });
  const { admin, ws, rtds, data, rpc } = sim.endpoints;
  const tokenId = [...sim.venue.markets.values()][0]?.tokenIds[0] ?? '';
  const market = await openSocket(`${ws}/market`);
  market.say({ assets_ids: [tokenId], type: 'market' });
  const feed = await openSocket(rtds);
  feed.say({ action: 'subscribe', subscriptions: [{ topic: 'activity', type: '*' }] });
  await Promise.all([market.settle(), feed.settle()]);
  await postJson(`${admin}/faults`, { settlement: 'failed' });
  const order = { tokenId, side: 'BUY', price: '0.99', size: '20' };
  await postJson(`${admin}/order`, { address: FIRST.funder, ...order });
  await Promise.all([market.settle(), feed.settle()]);
  const prints = market.heard
    .map((text) => JSON.parse(text))
    .filter((e) => e.event_type === 'last_trade_price');
  expect(prints[0]).toMatchObject({ asset_id: tokenId, side: 'BUY' });
  await sim.clock.advance(20_000);
  expect(feed.heard).toEqual([]);
  const { body } = await getJson(`${data}/v2/activity?user=${FIRST.funder}`);
  expect(body).toMatchObject({ data: [] });
  const logs = async () => {
    const ask = async (method: string, ...params: object[]) =>
      ((await postJson(rpc, { jsonrpc: '2.0', id: 1, method, params })).body as { result: unknown }).result;
    const head = Number(await ask('eth_blockNumber'));
    return ask('eth_getLogs', { fromBlock: `0x${(head - 50).toString(16)}`, toBlock: 'latest' });
  };
  expect(await logs()).toEqual([]);
  await postJson(`${admin}/faults`, { settlement: 'normal' });
  await postJson(`${admin}/order`, { address: FIRST.funder, ...order });
  await sim.clock.advance(20_000);
  expect(await logs()).not.toEqual([]);
  for (const socket of [market, feed]) socket.close();
  await sim.stop();
});
