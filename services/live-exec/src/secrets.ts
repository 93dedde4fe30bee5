import { readFile, stat } from 'node:fs/promises';
import { createSigner, type Signer } from './exchange/signer.ts';

/** Bits of a file's mode that let others than its owner in. */
const OTHERS = 0o077;
/** A key file is a line; anything longer is not one. */
const KEY_FILE_BYTES_MAX = 1_024;

export type KeySource = { readonly keyFile: string | undefined; readonly keyText: string | undefined };

/**
 * Reads the signing key, once, and hands out what signs with it; the text itself goes no further than this function.
 * Null: no key is configured. `warn` hears of a file that others may read.
 *
 * Errors: one sentence that never repeats what was read.
 */
export async function readSigner(
  source: KeySource,
  warn: (sentence: string) => void,
): Promise<Signer | null> {
  const { keyFile, keyText } = source;
  if (keyFile === undefined) return keyText === undefined ? null : createSigner(keyText, 'SIGNING_KEY');
  const found = await stat(keyFile).catch(() => null);
  if (found === null) throw new Error(`The signing key cannot be read from ${keyFile}.`);
  if (found.size > KEY_FILE_BYTES_MAX) throw new Error(`${keyFile} is too long to be a signing key.`);
  if ((found.mode & OTHERS) !== 0)
    warn(`${keyFile} may be read by others than its owner; chmod 600 keeps it to you.`);
  const text = await readFile(keyFile, 'utf8').catch(() => null);
  if (text === null) throw new Error(`The signing key cannot be read from ${keyFile}.`);
  return createSigner(text, keyFile);
}
