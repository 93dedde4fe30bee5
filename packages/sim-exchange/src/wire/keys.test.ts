import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Wallet } from 'ethers';
import { describe, expect, test } from 'vitest';
import { walletOf } from '../../test/account.ts';
import { BEGIN, recordings } from '../../test/sim.ts';
import { isLogin } from '../signature.ts';
import type { Answer, Call } from './http.ts';
import { type ApiKey, type AuthParts, authenticate, authRoutes, KeyStore, signRequest } from './keys.ts';

const CHAIN_ID = 137;
const NOW_S = BEGIN.getTime() / 1_000;
const FIRST = walletOf(0);
const SECOND = walletOf(1);

const aCall = (method: string, path: string, headers: Record<string, string> = {}, raw = ''): Call => ({
  method,
  path,
  query: new URLSearchParams(),
  body: raw === '' ? undefined : JSON.parse(raw),
  raw,
  headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
});

/** The headers with which a wallet logs in. */
async function login(wallet: { privateKey: string; address: string }, nonce = 0, atS = NOW_S) {
  const signer = new Wallet(wallet.privateKey);
  const value = {
    address: signer.address,
    timestamp: String(atS),
    nonce,
    message: 'This message attests that I control the given wallet',
  };
  const types = {
    ClobAuth: [
      { name: 'address', type: 'address' },
      { name: 'timestamp', type: 'string' },
      { name: 'nonce', type: 'uint256' },
      { name: 'message', type: 'string' },
    ],
  };
  const domain = { name: 'ClobAuthDomain', version: '1', chainId: CHAIN_ID };
  return {
    POLY_ADDRESS: signer.address,
    POLY_TIMESTAMP: String(atS),
    POLY_NONCE: String(nonce),
    POLY_SIGNATURE: await signer.signTypedData(domain, types, value),
  };
}

/** A request that its key's owner sent. */
function signed(
  key: ApiKey,
  method: string,
  path: string,
  more: Record<string, string> = {},
  raw = '',
): Call {
  const timestamp = more['POLY_TIMESTAMP'] ?? String(NOW_S);
  const headers = {
    POLY_ADDRESS: key.address,
    POLY_API_KEY: key.key,
    POLY_PASSPHRASE: key.passphrase,
    POLY_TIMESTAMP: timestamp,
    POLY_SIGNATURE: signRequest(key.secret, timestamp, { method, path, raw }),
  };
  return aCall(method, path, { ...headers, ...more }, raw);
}

function openAuth(more: Partial<AuthParts> = {}) {
  const keys = new KeyStore();
  const route = authRoutes({
    keys,
    chainId: CHAIN_ID,
    nowMs: () => NOW_S * 1_000,
    isClosedOnly: (address) => address === SECOND.address,
    isMadeOnce: () => false,
    ...more,
  });
  return { keys, route };
}
const bodyOf = (answer: Answer | null): unknown => JSON.parse(answer?.json ?? 'null');

describe('logging in', () => {
  test('gives the same key for the same wallet and nonce, by either path, and another for another nonce', async () => {
    const { route } = openAuth();
    const made = route(aCall('POST', '/auth/api-key', await login(FIRST)));
    expect(made?.status).toBe(200);
    expect(bodyOf(made)).toEqual({
      apiKey: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/),
      secret: expect.stringMatching(/^[\w-]{43}=$/),
      passphrase: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(bodyOf(route(aCall('GET', '/auth/derive-api-key', await login(FIRST))))).toEqual(bodyOf(made));
    expect(bodyOf(route(aCall('POST', '/auth/api-key', await login(FIRST))))).toEqual(bodyOf(made));
    expect(bodyOf(route(aCall('POST', '/auth/api-key', await login(FIRST, 1))))).not.toEqual(bodyOf(made));
  });

  test('gives no key again that was never made, or is deleted', async () => {
    const { route, keys } = openAuth();
    const derive = async () => route(aCall('GET', '/auth/derive-api-key', await login(FIRST)));
    const none = [400, { error: 'Could not derive api key!' }];
    const refused = await derive();
    expect([refused?.status, bodyOf(refused)]).toEqual(none);
    const made = route(aCall('POST', '/auth/api-key', await login(FIRST)));
    expect(bodyOf(await derive())).toEqual(bodyOf(made));
    keys.delete(KeyStore.of(FIRST.address, '0').key);
    expect((await derive())?.status).toBe(400);
    expect(bodyOf(route(aCall('POST', '/auth/api-key', await login(FIRST))))).toEqual(bodyOf(made));
  });

  test('makes a key once where that is asked for, and gives it again', async () => {
    const { route } = openAuth({ isMadeOnce: () => true });
    const make = async () => route(aCall('POST', '/auth/api-key', await login(FIRST)));
    const made = await make();
    expect(made?.status).toBe(200);
    const refused = await make();
    expect([refused?.status, bodyOf(refused)]).toEqual([400, { error: 'Could not create api key' }]);
    expect(bodyOf(route(aCall('GET', '/auth/derive-api-key', await login(FIRST))))).toEqual(bodyOf(made));
  });

  test('takes an address in whatever case', async () => {
    const { route } = openAuth();
    const headers = await login(FIRST);
    const shouted = { ...headers, POLY_ADDRESS: `0x${FIRST.address.slice(2).toUpperCase()}` };
    expect(route(aCall('POST', '/auth/api-key', shouted))?.status).toBe(200);
  });

  test.each<[string, Record<string, string>, number]>([
    ['another’s address', { POLY_ADDRESS: SECOND.address }, NOW_S],
    ['another nonce than was signed', { POLY_NONCE: '1' }, NOW_S],
    ['another time than was signed', { POLY_TIMESTAMP: String(NOW_S + 1) }, NOW_S],
    ['a time long ago', {}, NOW_S - 301],
    ['a time to come', {}, NOW_S + 301],
    ['a signature that is none', { POLY_SIGNATURE: '0x12' }, NOW_S],
    ['no address', { POLY_ADDRESS: '' }, NOW_S],
  ])('is refused with %s', async (_, wrong, atS) => {
    const { route } = openAuth();
    const answer = route(aCall('POST', '/auth/api-key', { ...(await login(FIRST, 0, atS)), ...wrong }));
    expect([answer?.status, bodyOf(answer)]).toEqual([401, { error: 'Invalid L1 Request headers' }]);
  });
});

describe('a key', () => {
  const { keys, route } = openAuth();
  const key = keys.make(FIRST.address, '0');

  test('opens what is its own until it is deleted', () => {
    expect(bodyOf(route(signed(key, 'GET', '/auth/api-keys')))).toEqual({ apiKeys: [key.key] });
    expect(bodyOf(route(signed(key, 'GET', '/auth/ban-status/closed-only')))).toEqual({ closed_only: false });
    const closed = keys.make(SECOND.address, '0');
    expect(bodyOf(route(signed(closed, 'GET', '/auth/ban-status/closed-only')))).toEqual({
      closed_only: true,
    });
    expect(bodyOf(route(signed(closed, 'DELETE', '/auth/api-key')))).toBe('OK');
    expect(route(signed(closed, 'GET', '/auth/api-keys'))?.status).toBe(401);
  });

  test('has keys to read with beside it', () => {
    const make = () => bodyOf(route(signed(key, 'POST', '/auth/readonly-api-key'))) as { apiKey: string };
    const list = () => bodyOf(route(signed(key, 'GET', '/auth/readonly-api-keys')));
    const [first, second] = [make(), make()];
    expect(first.apiKey).not.toBe(second.apiKey);
    expect(list()).toEqual({ readonlyApiKeys: [first.apiKey, second.apiKey] });
    const body = JSON.stringify({ key: first.apiKey });
    expect(bodyOf(route(signed(key, 'DELETE', '/auth/readonly-api-key', {}, body)))).toBe('OK');
    expect(list()).toEqual({ readonlyApiKeys: [second.apiKey] });
    expect(route(signed(key, 'DELETE', '/auth/readonly-api-key', {}, body))?.status).toBe(404);
  });

  test('has keys of a builder, which are revoked and stay listed', () => {
    const make = () => bodyOf(route(signed(key, 'POST', '/auth/builder-api-key'))) as { key: string };
    const list = () => bodyOf(route(signed(key, 'GET', '/auth/builder-api-key')));
    const made = make();
    expect(made).toEqual({ key: made.key, secret: expect.any(String), passphrase: expect.any(String) });
    const row = { key: made.key, createdAt: expect.stringMatching(/Z$/) };
    expect(list()).toEqual([row]);
    expect(bodyOf(route(signed(key, 'DELETE', '/auth/builder-api-key')))).toBe('OK');
    expect(list()).toEqual([{ ...row, revokedAt: expect.stringMatching(/Z$/) }]);
    expect(route(signed(key, 'DELETE', '/auth/builder-api-key'))?.status).toBe(400);
  });

  test('has keys of a builder that may revoke themselves, as the unified client has them do', () => {
    const made = bodyOf(route(signed(key, 'POST', '/auth/builder-api-key'))) as Record<string, string>;
    const path = '/auth/builder-api-key';
    const timestamp = String(NOW_S);
    const signature = signRequest(made['secret'] ?? '', timestamp, { method: 'DELETE', path, raw: '' });
    const headers = {
      POLY_BUILDER_API_KEY: made['key'] ?? '',
      POLY_BUILDER_PASSPHRASE: made['passphrase'] ?? '',
      POLY_BUILDER_TIMESTAMP: timestamp,
      POLY_BUILDER_SIGNATURE: signature,
    };
    const wrong = route(aCall('DELETE', path, { ...headers, POLY_BUILDER_SIGNATURE: 'x' }));
    expect([wrong?.status, bodyOf(wrong)]).toEqual([401, { error: 'Invalid auth' }]);
    expect(bodyOf(route(aCall('DELETE', path, headers)))).toBe('OK');
    expect(route(aCall('DELETE', path, headers))?.status).toBe(401);
  });

  test('is proved by a signature over time, method, path and body', () => {
    const post = signed(key, 'POST', '/order', {}, '{"a":1}');
    expect(authenticate(post, keys, NOW_S * 1_000)).toBe(key);
    for (const wrong of [{ method: 'DELETE' }, { path: '/orders' }, { raw: '{"a":2}' }])
      expect(authenticate({ ...post, ...wrong }, keys, NOW_S * 1_000)).toBeNull();
    expect(authenticate(post, keys, (NOW_S + 301) * 1_000)).toBeNull();
  });

  test.each(['POLY_ADDRESS', 'POLY_API_KEY', 'POLY_PASSPHRASE', 'POLY_SIGNATURE'])(
    'opens nothing with a wrong %s',
    (name) => {
      const call = signed(key, 'GET', '/data/orders', { [name]: SECOND.address });
      expect(authenticate(call, keys, NOW_S * 1_000)).toBeNull();
    },
  );
});

const data = recordings();
describe.skipIf(data === null)('the vectors of the official clients', () => {
  const { l1, l2hmac } = JSON.parse(readFileSync(join(data ?? '', 'vectors/auth.json'), 'utf8'));

  test('a login is theirs', () => {
    for (const { message, domain, signature } of l1) {
      const given = { ...message, nonce: BigInt(message.nonce) };
      expect(isLogin(given, signature, domain.chainId)).toBe(true);
      expect(isLogin({ ...given, nonce: 1n }, signature, domain.chainId)).toBe(false);
      expect(isLogin(given, signature, CHAIN_ID)).toBe(false);
    }
  });

  test('a request is signed as they sign it', () => {
    for (const { secret, timestamp, method, path, body, signature } of l2hmac)
      expect(signRequest(secret, String(timestamp), { method, path, raw: body ?? '' })).toBe(signature);
  });
});
