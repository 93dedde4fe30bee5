import { createHash } from 'node:crypto';
import { z } from 'zod';
import { uuidFrom } from '../trading/ids.ts';
import { type Answer, type Call, failure, json } from './http.ts';

type Builder = { readonly key: string; readonly createdAt: string; revokedAt?: string };
type Credentials = { readonly key: string; readonly secret: string; readonly passphrase: string };

const hexFrom = (...parts: readonly string[]): string =>
  createHash('sha256').update(parts.join('\n')).digest('hex');

const credentialsOf = (key: string): Credentials => ({
  key,
  secret: Buffer.from(hexFrom('builder-secret', key), 'hex').toString('base64'),
  passphrase: hexFrom('builder-passphrase', key),
});

/** Keys that an account has beside its own: to read with, and to be known as a builder by. They open nothing here. */
export class FurtherKeys {
  readonly #nowMs: () => number;
  readonly #readers = new Map<string, Set<string>>();
  readonly #builders = new Map<string, Builder[]>();
  #made = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Null: none of these paths. Source: polymarket §2.2; the official clients' forms. */
  answer(call: Call, own: { readonly address: string }): Answer | null {
    switch (`${call.method} ${call.path}`) {
      case 'POST /auth/readonly-api-key':
        return this.#makeReader(own.address);
      case 'GET /auth/readonly-api-keys':
        return json({ readonlyApiKeys: [...(this.#readers.get(own.address) ?? [])] });
      case 'DELETE /auth/readonly-api-key':
        return this.#deleteReader(own.address, call.body);
      case 'POST /auth/builder-api-key':
        return this.#makeBuilder(own.address);
      case 'GET /auth/builder-api-key':
        return json(this.#builders.get(own.address) ?? []);
      case 'DELETE /auth/builder-api-key':
        return this.#revokeBuilder(own.address, call.body);
      default:
        return null;
    }
  }

  #makeReader(address: string): Answer {
    const apiKey = uuidFrom('readonly-key', address, String(++this.#made));
    const readers = this.#readers.get(address) ?? new Set();
    this.#readers.set(address, readers.add(apiKey));
    return json({ apiKey });
  }

  #deleteReader(address: string, body: unknown): Answer {
    const asked = z.object({ key: z.string() }).safeParse(body);
    if (!asked.success) return failure(400, 'Invalid payload');
    return this.#readers.get(address)?.delete(asked.data.key) === true
      ? json('OK')
      : failure(404, 'api key not found');
  }

  #makeBuilder(address: string): Answer {
    const key = uuidFrom('builder-key', address, String(++this.#made));
    const createdAt = new Date(this.#nowMs()).toISOString();
    this.#builders.set(address, [...(this.#builders.get(address) ?? []), { key, createdAt }]);
    return json(credentialsOf(key));
  }

  #live(key: string): Builder | undefined {
    return [...this.#builders.values()].flat().find((one) => one.key === key && one.revokedAt === undefined);
  }

  /** What opens a builder's key. Null: there is none that is not revoked. */
  builderOf(key: string): Credentials | null {
    return this.#live(key) === undefined ? null : credentialsOf(key);
  }

  /** A builder's key may revoke itself. */
  revoke(key: string): Answer {
    const one = this.#live(key);
    if (one === undefined) return failure(400, 'Invalid revoke builder api key body');
    one.revokedAt = new Date(this.#nowMs()).toISOString();
    return json('OK');
  }

  /** The one that is named, or, as some clients ask without a body, the newest that is not revoked. */
  #revokeBuilder(address: string, body: unknown): Answer {
    const asked = z.object({ key: z.string() }).optional().safeParse(body);
    if (!asked.success) return failure(400, 'Invalid revoke builder api key body');
    const wanted = asked.data?.key;
    const one = this.#builders
      .get(address)
      ?.findLast(({ key, revokedAt }) => revokedAt === undefined && (wanted === undefined || key === wanted));
    return this.revoke(one?.key ?? '');
  }
}
