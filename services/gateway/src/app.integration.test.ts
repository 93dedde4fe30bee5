import {
  type BucketSpec,
  ConfigDocument,
  configBucket,
  INITIAL_RULES,
  REASON_DETAILS,
  REASONS,
  switchesBucket,
} from '@slipstream/proto';
import { ReasonsReply } from '@slipstream/proto/http';
import { startTestNats, startTestPostgres, type TestServer } from '@slipstream/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  CODE,
  type GatewayUnderTest,
  openGatewayUnderTest,
  problemOf,
  TOKEN,
} from './testing/gateway-under-test.ts';

const WALLET = '0x1F0A343513AA6060488fabe96960e6d1e177f7aa';
const TEN_MEGABYTES = 10 * 1024 * 1024;

let nats: TestServer;
let postgres: TestServer;
let gateway: GatewayUnderTest;

beforeAll(async () => {
  [nats, postgres] = await Promise.all([startTestNats(), startTestPostgres()]);
  gateway = await openGatewayUnderTest(nats.url, postgres.url);
});

afterAll(async () => {
  await gateway?.stop();
  await Promise.all([nats?.stop(), postgres?.stop()]);
});

const ask: GatewayUnderTest['ask'] = (path, more) => gateway.ask(path, more);
const send: GatewayUnderTest['send'] = (method, path, body) => gateway.send(method, path, body);
/** What a bucket says under a key. */
const stored = async <S extends z.ZodType>(spec: BucketSpec<S>, key: string): Promise<z.output<S> | null> =>
  (await gateway.bus.bucket(spec)).get(key);

describe('a new installation', () => {
  test('has paper on, live off, and the domain’s own configuration, in the database and on the bus', async () => {
    const switches = await stored(switchesBucket, 'global');
    expect(switches).toMatchObject({ copyEngineEnabled: true, liveTradingState: 'OFF', version: 1 });
    const config = await stored(configBucket, 'mode.PAPER');
    expect(config && z.encode(ConfigDocument, config)).toMatchObject({ rules: INITIAL_RULES });
    const live = await stored(configBucket, 'mode.LIVE');
    expect(live && z.encode(ConfigDocument, live)).toMatchObject({ mode: 'LIVE', rules: INITIAL_RULES });
    const log = await gateway.db.query<{ what: string; author: string }>(
      'select what, author from config.change_log order by 1',
    );
    expect(log).toEqual([
      { what: 'mode-config', author: 'installation' },
      { what: 'mode-config', author: 'installation' },
      { what: 'switches', author: 'installation' },
    ]);
  });

  test('answers every list and page, empty', async () => {
    for (const path of [
      'copy-attempts',
      'fills',
      'trades',
      'ledger',
      'leaders',
      'portfolio/snapshots',
      'dead-letters',
    ]) {
      const reply = await ask(`/api/${path}`);
      expect(reply.status, path).toBe(200);
      expect(await reply.json(), path).toMatchObject({ items: [] });
    }
    const portfolio = await (await ask('/api/portfolio')).json();
    expect(portfolio).toMatchObject({
      cashMicros: null,
      equityMicros: null,
      exposureMicros: '0',
      positions: [],
    });
  });
});

test('every reason and every detail of one is told with its sentence', async () => {
  const { items, details } = ReasonsReply.parse(await (await ask('/api/reasons')).json());
  expect(items.map(({ code }) => code)).toEqual(Object.keys(REASONS));
  expect(Object.fromEntries(details.map(({ code, sentence }) => [code, sentence]))).toEqual(REASON_DETAILS);
});

describe('who may come in', () => {
  test('nobody without a secret, anywhere under /api', async () => {
    for (const path of ['/api/portfolio', '/api/openapi.json', '/api/events', '/api/nothing'])
      expect((await fetch(`${gateway.url()}${path}`)).status, path).toBe(401);
    const reply = await fetch(`${gateway.url()}/api/switches`, {
      headers: { authorization: 'Bearer wrong' },
    });
    expect((await problemOf(reply)).detail).toBe('The token is not valid.');
  });

  test('the page, its parts and the health check need none and tell none', async () => {
    for (const path of ['/', '/page.js', '/page.css', '/healthz']) {
      const reply = await fetch(`${gateway.url()}${path}`);
      expect(reply.status, path).toBe(200);
      expect(await reply.text()).not.toContain(TOKEN);
    }
    expect((await fetch(`${gateway.url()}/`)).headers.get('content-security-policy')).toMatch(
      /^default-src 'none'/,
    );
    expect((await fetch(`${gateway.url()}/..%2fsrc%2fmain.ts`)).status).toBe(404);
  });

  test('a browser with the link, once, even over a restart', async () => {
    const first = await fetch(`${gateway.url()}/sign-in?code=${CODE}`, { redirect: 'manual' });
    expect(first.status).toBe(303);
    const cookie = first.headers.get('set-cookie')?.split(';', 1)[0] ?? '';
    expect((await fetch(`${gateway.url()}/api/switches`, { headers: { cookie } })).status).toBe(200);
    expect((await fetch(`${gateway.url()}/sign-in?code=${CODE}`, { redirect: 'manual' })).status).toBe(401);

    const change = {
      method: 'PUT',
      headers: { cookie, 'content-type': 'application/json' },
      body: '{"copyEngineEnabled":true}',
    };
    expect((await fetch(`${gateway.url()}/api/switches`, change)).status).toBe(403);
    const own = { ...change, headers: { ...change.headers, origin: gateway.url() } };
    expect((await fetch(`${gateway.url()}/api/switches`, own)).status).toBe(200);

    await gateway.stopGateway();
    await gateway.start();
    expect((await fetch(`${gateway.url()}/sign-in?code=${CODE}`, { redirect: 'manual' })).status).toBe(401);
    const page = await fetch(`${gateway.url()}/sign-in?code=${CODE}`, {
      redirect: 'manual',
      headers: { accept: 'text/html' },
    });
    expect(page.status).toBe(401);
    expect(await page.text()).toContain('not valid any more');
  });
});

describe('what is asked wrongly', () => {
  test.each([
    ['/api/copy-attempts?limit=-1', 'limit'],
    ['/api/copy-attempts?limit=0', 'limit'],
    ['/api/copy-attempts?limit=501', 'limit'],
    ['/api/copy-attempts?after=rubbish', 'after'],
    ['/api/copy-attempts?leader=0x12', 'leader'],
    ['/api/copy-attempts?market=abc', 'market'],
    ['/api/copy-attempts?decision=MAYBE', 'decision'],
    ['/api/copy-attempts?reason=BECAUSE', 'reason'],
    ['/api/copy-attempts?since=yesterday', 'since'],
    ['/api/copy-attempts?tradingMode=paper', 'tradingMode'],
    ['/api/copy-attempts?tradingMode=PAPER&tradingMode=LIVE', 'tradingMode'],
    ['/api/copy-attempts?unknown=1', 'unknown'],
    ['/api/leaders?after=e30', 'after'],
    ['/api/portfolio?mode=PAPER', 'mode'],
  ])('%s is 400 and names %s', async (path, field) => {
    const reply = await ask(path);
    expect(reply.status).toBe(400);
    expect((await problemOf(reply)).errors?.map((error) => error.field)).toContain(field);
  });

  test.each([
    [{ wallets: ['0x12'] }, 'wallets.0'],
    [{ wallets: [] }, 'wallets'],
    [{ wallets: [WALLET], enabled: 'yes' }, 'enabled'],
    [{ wallets: [WALLET], colour: 'red' }, 'colour'],
    [{}, 'wallets'],
    [[], 'body'],
  ])('following %j is 400 and names %s', async (body, field) => {
    const reply = await send('POST', '/api/leaders', body);
    expect(reply.status).toBe(400);
    expect((await problemOf(reply)).errors?.map((error) => error.field)).toContain(field);
  });

  test('is 404 where nothing is, and 405 with what is taken', async () => {
    expect((await ask('/api/copy-attempts/ca_none')).status).toBe(404);
    expect((await ask('/api/config?leader=ld_none')).status).toBe(404);
    expect((await send('PATCH', '/api/leaders/ld_none', { enabled: false })).status).toBe(404);
    expect((await ask('/api/nothing')).status).toBe(404);
    const reply = await send('POST', '/api/switches', {});
    expect([reply.status, reply.headers.get('allow')]).toEqual([405, 'GET, PUT']);
  });

  test('is 413 for a body of ten megabytes, at once', async () => {
    const from = performance.now();
    const reply = await send('POST', '/api/leaders', { wallets: ['x'.repeat(TEN_MEGABYTES)] });
    expect(reply.status).toBe(413);
    expect((await problemOf(reply)).detail).toBe('The body is too large.');
    expect(performance.now() - from).toBeLessThan(2_000);
  });

  test('is 400 for what is no JSON, and 415 for what does not say that it is', async () => {
    const headers = { 'content-type': 'application/json' };
    expect((await ask('/api/leaders', { method: 'POST', body: '{"wallets":', headers })).status).toBe(400);
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await ask('/api/leaders', { method: 'POST', body: 'a=1', headers: form })).status).toBe(415);
    expect((await ask('/api/leaders/%E0%A4%A', { method: 'PATCH', headers, body: '{}' })).status).toBe(400);
  });
});
