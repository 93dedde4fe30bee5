import { type FileHandle, open } from 'node:fs/promises';
import { type Secret, takeSecret } from '@slipstream/runtime';
import { createSigner, type Signer } from './exchange/signer.ts';

/** The variable that may hold the key itself, where no file can be mounted. */
const VARIABLE = 'SIGNING_KEY';
/** Bits of a file's mode that let others than its owner in. */
const OTHERS = 0o077;
/** A key file is a line; anything longer is not one. */
const KEY_FILE_BYTES_MAX = 1_024;

/** The beginning of a file, and whether there is more; through one handle, so that it is one and the same file. */
async function readKeyFile(
  handle: FileHandle,
  path: string,
  warn: (sentence: string) => void,
): Promise<string> {
  const found = await handle.stat();
  if (!found.isFile()) throw new Error(`${path} is no file that could hold a signing key.`);
  if ((found.mode & OTHERS) !== 0)
    warn(`${path} may be read by others than its owner; chmod 600 keeps it to you.`);
  const bytes = Buffer.alloc(KEY_FILE_BYTES_MAX + 1);
  const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
  if (bytesRead > KEY_FILE_BYTES_MAX) throw new Error(`${path} is too long to be a signing key.`);
  const text = bytes.toString('utf8', 0, bytesRead);
  bytes.fill(0);
  return text;
}

async function signerFromFile(path: string, warn: (sentence: string) => void): Promise<Signer> {
  const handle = await open(path, 'r').catch(() => null);
  if (handle === null) throw new Error(`The signing key cannot be read from ${path}.`);
  try {
    return createSigner(await readKeyFile(handle, path, warn), path);
  } finally {
    await handle.close();
  }
}

/**
 * Reads the signing key, once, and hands out what signs with it; the text itself goes no further than this file. It
 * stands in a file, or in the variable `SIGNING_KEY`, which is taken out of the environment in any case. Null: no key
 * is configured. `warn` hears of a place that others can look into.
 *
 * Errors: one sentence that never repeats what was read; also when there are two keys, since one of them is a mistake.
 */
export async function readSigner(
  keyFile: string | undefined,
  warn: (sentence: string) => void,
  take: (name: string) => Secret | null = takeSecret,
): Promise<Signer | null> {
  const text = take(VARIABLE);
  if (keyFile === undefined) {
    if (text === null) return null;
    warn(`The signing key came in ${VARIABLE}; a file that only this service may read keeps it better.`);
    return createSigner(text.reveal(), VARIABLE);
  }
  if (text !== null) throw new Error(`${VARIABLE} and SIGNING_KEY_FILE are both set; name one key.`);
  return signerFromFile(keyFile, warn);
}
