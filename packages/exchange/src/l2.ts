import { createHmac } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { HIDDEN, Secret } from '@slipstream/runtime';
import { z } from 'zod';

/** What opens the account, and cannot sign an order. */
export type Credentials = {
  /** The key's id; not secret, and still nobody's business. */
  readonly key: Secret;
  readonly secret: Secret;
  readonly passphrase: Secret;
  /** Whose key it is: the address that signs, in lower case; null where the file does not say. */
  readonly address: string | null;
};

const File = z.object({
  key: z.string().min(1),
  secret: z.string().min(1),
  passphrase: z.string().min(1),
  address: z
    .string()
    .toLowerCase()
    .regex(/^0x[0-9a-f]{40}$/)
    .optional(),
});

/** Bits of a file's mode that let others than its owner in. */
const OTHERS = 0o077;

/** Errors: one sentence that names the file, and nothing of what is in it. */
export async function readCredentials(path: string): Promise<Credentials> {
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null) throw new Error(`The API credentials cannot be read from ${path}.`);
  const parsed = File.safeParse(parseQuietly(text));
  if (!parsed.success)
    throw new Error(`${path} does not hold API credentials: it wants key, secret and passphrase as JSON.`);
  const { key, secret, passphrase, address } = parsed.data;
  return {
    key: new Secret(key),
    secret: new Secret(secret),
    passphrase: new Secret(passphrase),
    address: address ?? null,
  };
}

/** Whether others than the owner may read a file that holds a secret. */
export const isOpenToOthers = async (path: string): Promise<boolean> =>
  ((await stat(path)).mode & OTHERS) !== 0;

function parseQuietly(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return HIDDEN;
  }
}

/** The request's signature: HMAC-SHA256 over time, method, path without its query, and the body as it is sent. */
export function hmacOf(
  secret: string,
  request: {
    readonly timestampS: number;
    readonly method: string;
    readonly path: string;
    readonly body: string;
  },
): string {
  const key = Buffer.from(secret.replaceAll('-', '+').replaceAll('_', '/'), 'base64');
  const message = `${request.timestampS}${request.method}${request.path}${request.body}`;
  return createHmac('sha256', key).update(message).digest('base64').replaceAll('+', '-').replaceAll('/', '_');
}

/** The five headers of a private request. Source: polymarket §2.2. */
export const l2Headers = (
  credentials: Credentials,
  address: string,
  request: Parameters<typeof hmacOf>[1],
): Record<string, string> => ({
  POLY_ADDRESS: address,
  POLY_API_KEY: credentials.key.reveal(),
  POLY_PASSPHRASE: credentials.passphrase.reveal(),
  POLY_TIMESTAMP: String(request.timestampS),
  POLY_SIGNATURE: hmacOf(credentials.secret.reveal(), request),
});
