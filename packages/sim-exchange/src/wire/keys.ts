import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { isLogin } from '../signature.ts';
import { uuidFrom } from '../trading/ids.ts';
import { FurtherKeys } from './further-keys.ts';
import { type Answer, type Call, failure, json } from './http.ts';

/** A request is good for so long before and after its time. */
const WINDOW_S = 300;
const NONCE = /^\d{1,18}$/;

/** What opens an account. */
export type ApiKey = {
  readonly key: string;
  readonly secret: string;
  readonly passphrase: string;
  /** The address that logged in, in lower case. */
  readonly address: string;
  readonly nonce: string;
};

const header = (call: Pick<Call, 'headers'>, name: string): string => {
  const value = call.headers[name.toLowerCase()];
  return typeof value === 'string' ? value : '';
};

const digest = (...parts: readonly string[]): Buffer =>
  createHash('sha256').update(parts.join('\n')).digest();
const urlSafe = (bytes: Buffer): string => bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_');

/**
 * The exchange's API keys. The same wallet and nonce have the same key for ever, also after a restart; a deleted one
 * opens nothing until it is made again.
 */
export class KeyStore {
  readonly #byKey = new Map<string, ApiKey>();

  static of(address: string, nonce: string): ApiKey {
    return {
      key: uuidFrom('api-key', address, nonce),
      secret: urlSafe(digest('secret', address, nonce)),
      passphrase: digest('passphrase', address, nonce).toString('hex'),
      address,
      nonce,
    };
  }

  make(address: string, nonce: string): ApiKey {
    const made = KeyStore.of(address, nonce);
    this.#byKey.set(made.key, made);
    return made;
  }

  get(key: string): ApiKey | undefined {
    return this.#byKey.get(key);
  }

  of(address: string): readonly ApiKey[] {
    return [...this.#byKey.values()].filter((one) => one.address === address);
  }

  delete(key: string): void {
    this.#byKey.delete(key);
  }
}

const isFresh = (timestamp: string, nowMs: number): boolean =>
  /^\d{9,11}$/.test(timestamp) && Math.abs(Math.floor(nowMs / 1_000) - Number(timestamp)) <= WINDOW_S;

/** What proves a request: over its time, method, path without query, and body, byte by byte. */
export function signRequest(
  secret: string,
  timestamp: string,
  { method, path, raw }: Pick<Call, 'method' | 'path' | 'raw'>,
): string {
  const key = Buffer.from(secret.replaceAll('-', '+').replaceAll('_', '/'), 'base64');
  return urlSafe(createHmac('sha256', key).update(`${timestamp}${method}${path}${raw}`).digest());
}

/** Whether a request proves that its key's owner sent it. Null: it does not. Source: polymarket §2.2. */
export function authenticate(call: Call, keys: KeyStore, nowMs: number): ApiKey | null {
  const key = keys.get(header(call, 'POLY_API_KEY'));
  const timestamp = header(call, 'POLY_TIMESTAMP');
  if (key === undefined || !isFresh(timestamp, nowMs)) return null;
  if (header(call, 'POLY_ADDRESS').toLowerCase() !== key.address) return null;
  if (header(call, 'POLY_PASSPHRASE') !== key.passphrase) return null;
  return isSignedBy(key.secret, timestamp, call, header(call, 'POLY_SIGNATURE')) ? key : null;
}

function isSignedBy(secret: string, timestamp: string, call: Call, signature: string): boolean {
  const wanted = Buffer.from(signRequest(secret, timestamp, call));
  const given = Buffer.from(signature);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** The builder's key that a request names and proves. Null: it names none, or proves it not. */
function builderOf(call: Call, further: FurtherKeys, nowMs: number): string | null {
  const key = header(call, 'POLY_BUILDER_API_KEY');
  const timestamp = header(call, 'POLY_BUILDER_TIMESTAMP');
  const known = further.builderOf(key);
  if (known === null || !isFresh(timestamp, nowMs)) return null;
  if (header(call, 'POLY_BUILDER_PASSPHRASE') !== known.passphrase) return null;
  return isSignedBy(known.secret, timestamp, call, header(call, 'POLY_BUILDER_SIGNATURE')) ? key : null;
}

export const UNAUTHORIZED: Answer = failure(401, 'Unauthorized/Invalid api key');
const NO_LOGIN: Answer = failure(401, 'Invalid L1 Request headers');

/** The login that a request proves. Null: it proves none. */
function loginOf(call: Call, chainId: number, nowMs: number): { address: string; nonce: string } | null {
  const address = header(call, 'POLY_ADDRESS');
  const timestamp = header(call, 'POLY_TIMESTAMP');
  const nonce = header(call, 'POLY_NONCE') || '0';
  if (!/^0x[0-9a-fA-F]{40}$/.test(address) || !NONCE.test(nonce) || !isFresh(timestamp, nowMs)) return null;
  const login = { address, timestamp, nonce: BigInt(nonce) };
  if (!isLogin(login, header(call, 'POLY_SIGNATURE'), chainId)) return null;
  return { address: address.toLowerCase(), nonce };
}

const shown = ({ key, secret, passphrase }: ApiKey): Answer => json({ apiKey: key, secret, passphrase });

export type AuthParts = {
  readonly keys: KeyStore;
  readonly chainId: number;
  readonly nowMs: () => number;
  readonly isClosedOnly: (address: string) => boolean;
  /** Who has a key is refused another time, and has to derive it. */
  readonly isMadeOnce: () => boolean;
};

/** Makes a key, or gives one that was made before. */
function answerLogin({ keys, chainId, nowMs, isMadeOnce }: AuthParts, call: Call): Answer {
  const login = loginOf(call, chainId, nowMs());
  if (login === null) return NO_LOGIN;
  const known = keys.get(KeyStore.of(login.address, login.nonce).key);
  if (call.method === 'GET')
    return known === undefined ? failure(400, 'Could not derive api key!') : shown(known);
  if (known !== undefined && isMadeOnce()) return failure(400, 'Could not create api key');
  return shown(keys.make(login.address, login.nonce));
}

/** The paths of logging in: credentials are made, given again, listed and taken away. */
export function authRoutes(parts: AuthParts) {
  const { keys, nowMs, isClosedOnly } = parts;
  const further = new FurtherKeys(nowMs);
  return (call: Call): Answer | null => {
    const name = `${call.method} ${call.path}`;
    if (name === 'POST /auth/api-key' || name === 'GET /auth/derive-api-key') return answerLogin(parts, call);
    if (!call.path.startsWith('/auth/')) return null;
    if (name === 'DELETE /auth/builder-api-key' && header(call, 'POLY_BUILDER_API_KEY') !== '') {
      const builder = builderOf(call, further, nowMs());
      return builder === null ? failure(401, 'Invalid auth') : further.revoke(builder);
    }
    const own = authenticate(call, keys, nowMs());
    if (own === null) return UNAUTHORIZED;
    switch (name) {
      case 'GET /auth/api-keys':
        return json({ apiKeys: keys.of(own.address).map(({ key }) => key) });
      case 'DELETE /auth/api-key':
        keys.delete(own.key);
        return json('OK');
      case 'GET /auth/ban-status/closed-only':
        return json({ closed_only: isClosedOnly(own.address) });
      default:
        return further.answer(call, own) ?? failure(404, 'not found');
    }
  };
}
