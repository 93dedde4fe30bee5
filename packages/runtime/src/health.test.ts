import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type HealthServer, startHealth } from './health.ts';
import { createMetrics, type Metrics } from './metrics.ts';

let health: HealthServer;
let metrics: Metrics;
beforeEach(async () => {
  metrics = createMetrics('test');
  health = await startHealth({ service: 'test', host: '127.0.0.1', port: 0, metrics });
});
afterEach(() => health.stop());

const get = async (path: string): Promise<{ status: number; body: unknown }> => {
  const reply = await fetch(health.url + path);
  const text = await reply.text();
  return { status: reply.status, body: text.startsWith('{') ? JSON.parse(text) : text };
};

describe('health', () => {
  test('is live from the first moment, and ready only when the service says so', async () => {
    expect((await get('/live')).status).toBe(200);
    expect(await get('/ready')).toMatchObject({ status: 503, body: { ready: false, detail: 'starting' } });
    health.setReady('http://127.0.0.1:1');
    expect(await get('/ready')).toMatchObject({
      status: 200,
      body: { ready: true, detail: 'http://127.0.0.1:1' },
    });
    health.setStopping();
    expect(await get('/ready')).toMatchObject({ status: 503, body: { detail: 'stopping' } });
  });

  test('one failed check makes it unready and is named with its detail', async () => {
    health.setReady(null);
    health.check('bus', () => ({ ok: true, detail: { server: '2.15.0' } }));
    health.check('database', () => Promise.reject(new Error('connect postgres://u:pw@h/db refused')));
    expect(await get('/ready')).toMatchObject({
      status: 503,
      body: {
        checks: {
          bus: { ok: true, detail: { server: '2.15.0' } },
          database: { ok: false, detail: 'connect postgres://‹secret›@h/db refused' },
          'event-loop': { ok: true },
        },
      },
    });
  });

  test('a check that does not answer counts as failed', async () => {
    health.setReady(null);
    health.check('stuck', () => new Promise(() => undefined));
    expect(await get('/ready')).toMatchObject({
      body: { checks: { stuck: { ok: false, detail: 'no answer within 2000 ms' } } },
    });
  });

  test('many askers at once share one evaluation', async () => {
    let evaluations = 0;
    health.check('slow', async () => {
      evaluations += 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
      return { ok: true };
    });
    await Promise.all([health.report(), health.report(), health.report()]);
    expect(evaluations).toBe(1);
  });

  test('shows the metrics of its own process only', async () => {
    metrics.counter({ name: 'trades', help: 'Trades seen.', labels: ['source'] }).add({ source: 'rtds' }, 2);
    metrics.counter({ name: 'trades', help: 'Trades seen.' }).add({ source: 'rtds' });
    metrics.gauge({ name: 'queue', unit: 'items', help: 'Waiting.' }).set(7);
    metrics.histogram({ name: 'hop', unit: 'seconds', help: 'A hop.' }).start()();
    createMetrics('other').counter({ name: 'elsewhere', help: 'x' }).add();
    const { body } = await get('/metrics');
    expect(body).toContain('slipstream_trades_total{source="rtds",service="test"} 3');
    expect(body).toContain('slipstream_queue_items{service="test"} 7');
    expect(body).toContain('slipstream_hop_seconds_count{service="test"} 1');
    expect(body).not.toContain('elsewhere');
  });

  test('knows nothing else, and takes no writes', async () => {
    expect((await get('/other')).status).toBe(404);
    expect((await fetch(`${health.url}/live`, { method: 'POST' })).status).toBe(405);
  });
});
