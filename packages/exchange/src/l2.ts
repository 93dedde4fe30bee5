import { createHmac } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
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

/** A credentials file is a few lines; anything longer is not one. */
const FILE_BYTES_MAX = 16_384;

/** The text of a file of ours; null when there is none that could be one. */
async function readBounded(path: string): Promise<string | null> {
  const handle = await open(path, 'r').catch(() => null);
  if (handle === null) return null;
  try {
    const bytes = Buffer.alloc(FILE_BYTES_MAX + 1);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
    return bytesRead > FILE_BYTES_MAX ? null : bytes.toString('utf8', 0, bytesRead);
  } catch {
    return null;
  } finally {
    await handle.close();
  }
}

/** Errors: one sentence that names the file, and nothing of what is in it. */
export async function readCredentials(path: string): Promise<Credentials> {
  const text = await readBounded(path);
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

/** Shorter than this, a text would be found by chance. */
const TELLING_LENGTH = 8;

/** A text from outside without our credentials, should it repeat them. */
export const withoutSecrets = (text: string, { key, secret, passphrase }: Credentials): string =>
  [key, secret, passphrase]
    .map((one) => one.reveal())
    .filter((one) => one.length >= TELLING_LENGTH)
    .reduce((plain, one) => plain.replaceAll(one, HIDDEN), text);

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
