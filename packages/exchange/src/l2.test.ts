import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { Secret } from '@slipstream/runtime';
import { sharedFolder } from '@slipstream/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hmacOf, l2Headers, readCredentials, withoutSecrets } from './l2.ts';

const shared = sharedFolder();
const vectors: readonly {
  readonly secret: string;
  readonly timestamp: number;
  readonly method: string;
  readonly path: string;
  readonly body: string | null;
  readonly signature: string;
}[] =
  shared === null
    ? []
    : JSON.parse(readFileSync(join(shared, 'data', 'vectors', 'auth.json'), 'utf8')).l2hmac;

describe.skipIf(vectors.length === 0)('the signature of a request', () => {
  test.each(vectors)('$method $path at $timestamp is that of the official clients', (vector) => {
    const { secret, timestamp: timestampS, method, path, body, signature } = vector;
    expect(hmacOf(secret, { timestampS, method, path, body: body ?? '' })).toBe(signature);
  });

  test('is the same for both alphabets of a secret, with and without its padding', () => {
    const request = { timestampS: 1, method: 'GET', path: '/', body: '' };
    const [first, ...others] = ['+/+/+/8=', '-_-_-_8=', '-_-_-_8'].map((secret) => hmacOf(secret, request));
    expect(others).toEqual([first, first]);
  });
});

const TEXTS = {
  key: '3f1b7a52-aaaa-bbbb-cccc-0123456789ab',
  secret: 'c2VjcmV0LXRleHQ=',
  passphrase: 'passphrase-text',
};
const credentials = {
  key: new Secret(TEXTS.key),
  secret: new Secret(TEXTS.secret),
  passphrase: new Secret(TEXTS.passphrase),
  address: null,
};

describe('API credentials', () => {
  let dir = '';
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slip-api-'));
  });
  afterAll(() => rm(dir, { recursive: true }));
  const fileWith = async (text: string): Promise<string> => {
    const path = join(dir, 'credentials.json');
    await writeFile(path, text);
    return path;
  };

  test('are read with the address that they belong to, in lower case', async () => {
    const path = await fileWith(JSON.stringify({ ...TEXTS, address: `0x${'AB'.repeat(20)}`, more: 1 }));
    const read = await readCredentials(path);
    expect(read.address).toBe(`0x${'ab'.repeat(20)}`);
    expect(read.secret.reveal()).toBe(TEXTS.secret);
    expect(inspect(read, { showHidden: true, depth: null })).not.toMatch(/passphrase-text|c2Vj|3f1b/);
  });

  test.each([
    ['no JSON', `{"secret": "${TEXTS.secret}"`],
    ['a field that is missing', JSON.stringify({ key: TEXTS.key, secret: TEXTS.secret })],
    ['an empty field', JSON.stringify({ ...TEXTS, passphrase: '' })],
    ['a wrong address', JSON.stringify({ ...TEXTS, address: '0x12' })],
    ['too much', JSON.stringify({ ...TEXTS, more: 'x'.repeat(20_000) })],
  ])('are refused where there is %s, and not repeated', async (_what, text) => {
    const path = await fileWith(text);
    const failed = await readCredentials(path).then(inspect, inspect);
    expect(failed).toContain(path);
    expect(failed).not.toMatch(/passphrase-text|c2Vj|3f1b/);
  });

  test('are refused where there is no file', async () => {
    await expect(readCredentials('/nowhere/at-all')).rejects.toThrow('/nowhere/at-all');
  });

  test('make the five headers, and no signature names the query', () => {
    const request = { timestampS: 7, method: 'GET', path: '/data/orders', body: '' };
    expect(l2Headers(credentials, '0xabc', request)).toEqual({
      POLY_ADDRESS: '0xabc',
      POLY_API_KEY: TEXTS.key,
      POLY_PASSPHRASE: TEXTS.passphrase,
      POLY_TIMESTAMP: '7',
      POLY_SIGNATURE: hmacOf(TEXTS.secret, request),
    });
  });

  test('are taken out of a text that repeats them, and nothing else is', () => {
    const echoed = `owner ${TEXTS.key}, ${TEXTS.passphrase} and ${TEXTS.secret}${TEXTS.secret}: no`;
    expect(withoutSecrets(echoed, credentials)).toBe('owner ‹secret›, ‹secret› and ‹secret›‹secret›: no');
    const short = { ...credentials, passphrase: new Secret('a') };
    expect(withoutSecrets('{"status":"matched"}', short)).toBe('{"status":"matched"}');
  });
});
