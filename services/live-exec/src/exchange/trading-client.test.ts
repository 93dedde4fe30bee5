import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import type { ExchangePort, OrderRequest } from '@slipstream/exchange';
import { l2Headers, withoutSecrets } from '@slipstream/exchange/account-client';
import { Secret } from '@slipstream/runtime';
import { afterEach, describe, expect, test } from 'vitest';
import { openClobClientV2 } from './clob-client-v2.ts';
import { openExchange } from './open-exchange.ts';
import { createSigner } from './signer.ts';
import type { ClientOptions } from './trading-client.ts';

/** The well-known development key; never fund it. */
const KEY = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80';
const TEXTS = {
  key: '3f1b7a52-0000-4000-8000-0123456789ab',
  secret: Buffer.from('a secret of the account').toString('base64'),
  passphrase: 'the-passphrase-of-the-account',
};
const credentials = {
  key: new Secret(TEXTS.key),
  secret: new Secret(TEXTS.secret),
  passphrase: new Secret(TEXTS.passphrase),
  address: null,
};
const order: OrderRequest = {
  tokenId: '1234567890123456789012345678901234567890',
  side: 'BUY',
  makerMicros: 5_500_000n,
  takerMicros: 10_000_000n,
  orderType: 'FAK',
  postOnly: false,
  expirationS: 0,
  negRisk: false,
  version: 2,
  salt: 9_007_199_254_740_991n,
  timestampMs: 1_790_000_000_000,
};

type Request = {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
};
type Respond = (response: ServerResponse, request: IncomingMessage) => void;

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** A venue that answers orders as told, and remembers every request and connection. */
async function aVenue(respond: Respond, version: string = '{"version":2}') {
  const requests: Request[] = [];
  let connections = 0;
  const server: Server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      requests.push({ method, url, headers, body: Buffer.concat(parts).toString() });
      if (url === '/time') return void response.end('1790000000');
      if (url === '/version') return void response.end(version);
      respond(response, request);
    });
  });
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  const options: ClientOptions = {
    clobUrl: `http://127.0.0.1:${port}/`,
    chainId: 137,
    signatureType: 0,
    funder: '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266',
    signer: createSigner(KEY, 'a test'),
    credentials,
    now: () => new Date(1_790_000_001_999),
  };
  return {
    options,
    posts: () => requests.filter(({ method }) => method === 'POST'),
    requests,
    connections: () => connections,
  };
}

function opened(options: ClientOptions): ExchangePort {
  const port = openClobClientV2(options);
  stops.push(port.close);
  return port;
}
const answering = (status: number, text: string, headers: Record<string, string> = {}): Respond => {
  return (response) => void response.writeHead(status, headers).end(text);
};

describe('an order on its way', () => {
  test('goes once, with the bytes that were signed for, the key’s id put in, and a signature over all of it', async () => {
    const venue = await aVenue(answering(200, '{"success":true}'));
    const port = opened(venue.options);
    const signed = await port.sign(order);
    expect(signed.order).not.toContain(TEXTS.key);
    expect(await port.place(signed)).toEqual({
      kind: 'reply',
      status: 200,
      text: '{"success":true}',
      retryAfterMs: null,
    });
    const [post, ...others] = venue.posts();
    expect(others).toEqual([]);
    expect(post?.url).toBe('/order');
    expect(post?.body).toContain(`"order":${signed.order},`);
    expect(post?.body).toContain('"salt":9007199254740991,');
    expect(JSON.parse(post?.body ?? '')).toMatchObject({
      deferExec: false,
      postOnly: false,
      owner: TEXTS.key,
      orderType: 'FAK',
    });
    const { POLY_SIGNATURE } = l2Headers(credentials, '', {
      timestampS: 1_790_000_001,
      method: 'POST',
      path: '/order',
      body: post?.body ?? '',
    });
    expect(post?.headers).toMatchObject({
      poly_address: '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266',
      poly_api_key: TEXTS.key,
      poly_passphrase: TEXTS.passphrase,
      poly_timestamp: '1790000001',
      poly_signature: POLY_SIGNATURE,
    });
  });

  test('sent again has the same bytes', async () => {
    const venue = await aVenue(answering(500, 'no'));
    const port = opened(venue.options);
    const signed = await port.sign(order);
    await port.place(signed);
    await port.place(signed);
    const [first, second] = venue.posts();
    expect(second?.body).toBe(first?.body);
  });

  test.each<[string, Respond, string]>([
    ['the connection is cut before an answer', (response) => void response.destroy(), 'connection'],
    [
      'the connection is cut in the middle of an answer',
      (response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('{"succ');
        setTimeout(() => response.destroy(), 20);
      },
      'connection',
    ],
    [
      'the answer has no end',
      (response) => {
        response.writeHead(200);
        const more = (): boolean => response.write('x'.repeat(16_384));
        response.on('drain', more);
        for (let i = 0; i < 8; i++) more();
      },
      'too-large',
    ],
  ])('is not repeated when %s, and nothing is claimed', async (_what, respond, cause) => {
    const venue = await aVenue(respond);
    const port = opened(venue.options);
    expect(await port.place(await port.sign(order))).toEqual({ kind: 'no-reply', cause });
    expect(venue.posts()).toHaveLength(1);
  });

  test('is given up after five seconds though the answer drips', async () => {
    const venue = await aVenue((response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write(' '), 200);
      response.on('close', () => clearInterval(drip));
    });
    const port = opened(venue.options);
    const signed = await port.sign(order);
    const started = performance.now();
    expect(await port.place(signed)).toEqual({ kind: 'no-reply', cause: 'timeout' });
    expect(performance.now() - started).toBeGreaterThan(4_500);
    expect(performance.now() - started).toBeLessThan(8_000);
    expect(venue.posts()).toHaveLength(1);
  }, 15_000);

  test('has no answer where nobody listens', async () => {
    const venue = await aVenue(answering(200, ''));
    const port = opened({ ...venue.options, clobUrl: 'http://127.0.0.1:9' });
    expect(await port.place(await port.sign(order))).toEqual({ kind: 'no-reply', cause: 'connection' });
  });

  test('is not sent to where an answer points', async () => {
    const elsewhere = await aVenue(answering(200, '{}'));
    const venue = await aVenue(answering(307, '', { location: `${elsewhere.options.clobUrl}order` }));
    const port = opened(venue.options);
    expect(await port.place(await port.sign(order))).toMatchObject({ kind: 'reply', status: 307 });
    expect(elsewhere.posts()).toEqual([]);
  });

  test('is answered with when to come again', async () => {
    const venue = await aVenue(answering(429, '{"error":"slow down"}', { 'retry-after': '7' }));
    const port = opened(venue.options);
    expect(await port.place(await port.sign(order))).toMatchObject({ status: 429, retryAfterMs: 7_000 });
  });
});

describe('what an answer repeats of us', () => {
  test('is taken out of it', async () => {
    const venue = await aVenue((response, request) => {
      response.writeHead(400);
      response.end(`refused ${JSON.stringify(request.headers)} owner ${TEXTS.key}`);
    });
    const port = opened(venue.options);
    const reply = await port.place(await port.sign(order));
    const text = reply.kind === 'reply' ? reply.text : '';
    expect(text).toContain('‹secret›');
    expect(text).toBe(withoutSecrets(text, credentials));
    const asked = await port.openOrders().catch((error: unknown) => inspect(error, { depth: null }));
    expect(String(asked)).toContain('status 400');
    for (const secret of Object.values(TEXTS)) expect(`${text}${asked}`).not.toContain(secret);
  });

  test('is in no error where nobody listens', async () => {
    const venue = await aVenue(answering(200, ''));
    const port = opened({ ...venue.options, clobUrl: 'http://127.0.0.1:9' });
    for (const question of [port.openOrders(), port.closedOnly(), port.cancelAll(), port.serverTime()]) {
      const error = await question.then(String, (problem: unknown) => inspect(problem, { depth: null }));
      expect(error).toContain('VenueError');
      for (const secret of Object.values(TEXTS)) expect(error).not.toContain(secret);
    }
  });
});

describe('connections', () => {
  test('stand open before the first order, which then needs no new one', async () => {
    const venue = await aVenue(answering(200, '{}'));
    const port = opened(venue.options);
    const signed = await port.sign(order);
    await expect.poll(() => venue.requests.filter(({ url }) => url === '/time').length).toBe(4);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const before = venue.connections();
    await Promise.all([port.place(signed), port.place(signed), port.place(signed)]);
    expect(venue.connections()).toBe(before);
  });

  test('are not opened by somebody who cannot send', async () => {
    const venue = await aVenue(answering(200, '{}'));
    opened({ ...venue.options, credentials: null });
    opened({ ...venue.options, signer: null });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(venue.requests).toEqual([]);
  });
});

describe('the venue’s version', () => {
  test.each([
    ['{"version":2}', 2],
    ['{"version":1}', 1],
    ['{"version":"2"}', 2],
    ['{"version":2,"more":true}', 2],
  ])('%s opens adapter %i', async (said, version) => {
    const venue = await aVenue(answering(404, ''), said);
    const found = await openExchange(venue.options);
    expect(found).toMatchObject({ kind: 'open', port: { venueVersion: version } });
    if (found.kind === 'open') await found.port.close();
  });

  test.each([
    '{"version":3}',
    '{"version":0}',
    '{"version":2.5}',
    '{"version":null}',
    '{"version":true}',
    '{"version":[2]}',
    '{"version":""}',
    '{}',
    '2',
    '"2"',
    'null',
  ])('%s opens none', async (said) => {
    const venue = await aVenue(answering(404, ''), said);
    expect(await openExchange(venue.options)).toMatchObject({ kind: 'unknown-version' });
  });

  test.each(['<html>busy</html>', ''])('an answer that is none (%j) opens none', async (said) => {
    const venue = await aVenue(answering(404, ''), said);
    expect((await openExchange(venue.options)).kind).not.toBe('open');
  });
});
