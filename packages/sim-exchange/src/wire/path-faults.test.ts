import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { askAs, walletOf } from '../../test/account.ts';
import { getJson, postJson, startTestSim, type TestSim } from '../../test/sim.ts';

const FIRST = walletOf(0);

let sim: TestSim;
beforeEach(async () => {
  sim = await startTestSim({ rate: 0 });
});
afterEach(() => sim.stop());

const faults = (...paths: object[]) => postJson(`${sim.endpoints.admin}/faults`, { paths });
const time = () => fetch(`${sim.endpoints.clob}/time`);
const orders = () => askAs(sim, FIRST, 'GET', '/data/orders');

describe('a fault of a path', () => {
  test.each<[string, number]>([
    ['429', 429],
    ['500', 500],
    ['html403', 403],
    ['garbage', 200],
  ])('%s is met so often, and then no more', async (fault, status) => {
    await faults({ path: '/time', fault, times: 2 });
    const first = await time();
    expect(first.status).toBe(status);
    const text = await first.text();
    if (fault === 'garbage' || fault === 'html403') expect(() => JSON.parse(text)).toThrow();
    else expect(JSON.parse(text)).toMatchObject({ error: expect.any(String) });
    expect((await time()).status).toBe(status);
    expect(await (await time()).json()).toEqual(expect.any(Number));
  });

  test('drop cuts the connection', async () => {
    await faults({ path: '/time', fault: 'drop', times: 1 });
    await expect(time()).rejects.toThrow();
    expect((await time()).status).toBe(200);
  });

  test('latency answers later', async () => {
    await faults({ path: '/time', fault: 'latency', ms: 40 });
    const began = performance.now();
    expect((await time()).status).toBe(200);
    expect(performance.now() - began).toBeGreaterThan(35);
  });

  test('may be meant for all paths that begin so, and for one method', async () => {
    await faults(
      { path: '/data/*', fault: '500' },
      { path: '/balance-allowance', method: 'PUT', fault: '429' },
    );
    expect((await orders()).status).toBe(500);
    expect((await time()).status).toBe(200);
    const balance = '/balance-allowance?asset_type=COLLATERAL';
    expect((await askAs(sim, FIRST, 'GET', balance)).status).toBe(200);
    expect((await askAs(sim, FIRST, 'PUT', balance)).status).toBe(429);
    await faults();
    expect((await orders()).status).toBe(200);
  });

  test('may be drawn, the same in every run of one seed', async () => {
    const run = async (seed: number) => {
      await faults({ path: '/time', fault: '500', probability: 0.5, seed });
      const statuses: number[] = [];
      for (let i = 0; i < 20; i++) statuses.push((await time()).status);
      return statuses;
    };
    const first = await run(7);
    expect(new Set(first)).toEqual(new Set([200, 500]));
    expect(await run(7)).toEqual(first);
    expect(await run(8)).not.toEqual(first);
  });

  test('is in the log of requests, like what it keeps from being handled', async () => {
    await faults({ path: '/data/orders', fault: '500', times: 1 });
    await orders();
    const { body } = await getJson(`${sim.endpoints.admin}/requests`);
    expect(body).toMatchObject({ requests: [{ path: '/data/orders', status: 500, authenticated: true }] });
  });

  test('is refused where it is none', async () => {
    for (const rule of [
      { path: 'time', fault: '500' },
      { path: '/time', fault: '501' },
    ])
      expect((await faults(rule)).status).toBe(400);
  });
});
