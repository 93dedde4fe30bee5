import { createReadStream, existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { createGunzip } from 'node:zlib';
import { TapeDamage } from './tape.ts';

const FILE_BYTES_MAX = 256 * 1024 * 1024;
/** Of a file once unpacked, so that a small archive cannot fill the memory. */
const TEXT_BYTES_MAX = 1024 * 1024 * 1024;
/** Of a file that is read in one piece: the list of markets. */
const WHOLE_BYTES_MAX = 64 * 1024 * 1024;
/** A whole book of the deepest market is about a thousandth of it. */
const LINE_CHARACTERS_MAX = 16 * 1024 * 1024;

/** One line of a file, and how to complain about it. */
export type Line = {
  readonly text: string;
  readonly number: number;
  readonly fail: (what: string) => TapeDamage;
};

/** The file, plain or gzipped, whichever is there. Null: neither. */
export const findFile = (path: string): string | null =>
  existsSync(path) ? path : existsSync(`${path}.gz`) ? `${path}.gz` : null;

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : 'unreadable');

async function checkSize(path: string, bytesMax: number): Promise<void> {
  if ((await stat(path)).size > bytesMax)
    throw new TapeDamage(`${basename(path)} is larger than ${bytesMax} bytes.`);
}

/** The unpacked bytes, a piece at a time. Errors: TapeDamage. */
async function* piecesOf(path: string): AsyncGenerator<Uint8Array> {
  const file = createReadStream(path);
  const source = path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
  // A pipe hands on no errors: what breaks the file must end the reading of what is unpacked from it.
  file.once('error', (error) => source.destroy(error));
  let bytes = 0;
  try {
    for await (const piece of source as AsyncIterable<Uint8Array>) {
      bytes += piece.length;
      if (bytes > TEXT_BYTES_MAX) throw new RangeError(`it unpacks to more than ${TEXT_BYTES_MAX} bytes`);
      yield piece;
    }
  } catch (error) {
    throw new TapeDamage(`${basename(path)} is not whole: ${reasonOf(error)}.`);
  } finally {
    file.destroy();
  }
}

/** A small file's text, read in one piece. Errors: TapeDamage. */
export async function readText(path: string): Promise<string> {
  await checkSize(path, WHOLE_BYTES_MAX);
  if (!path.endsWith('.gz')) return await readFile(path, 'utf8');
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of piecesOf(path)) {
    bytes += piece.length;
    if (bytes > WHOLE_BYTES_MAX)
      throw new TapeDamage(`${basename(path)} unpacks to more than ${WHOLE_BYTES_MAX} bytes.`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

/**
 * Gives every line of a file that is not empty to `each`, in order, and gathers what it returns. Only one piece of the
 * file is in memory at a time, whatever its size.
 *
 * Errors: TapeDamage, from here with the file's name and from `each` with the line.
 */
export async function mapLines<T>(path: string, each: (line: Line) => T): Promise<T[]> {
  const name = basename(path);
  await checkSize(path, FILE_BYTES_MAX);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const results: T[] = [];
  let number = 0;
  const take = (text: string): void => {
    number += 1;
    const at = number;
    const fail = (what: string): TapeDamage => new TapeDamage(`${name}, line ${at}: ${what}.`);
    if (text.length > LINE_CHARACTERS_MAX) throw fail(`longer than ${LINE_CHARACTERS_MAX} characters`);
    if (text.trim() !== '') results.push(each({ text, number: at, fail }));
  };
  const decode = (piece?: Uint8Array): string => {
    try {
      return piece === undefined ? decoder.decode() : decoder.decode(piece, { stream: true });
    } catch {
      throw new TapeDamage(`${name}, line ${number + 1}: this or a line close by is not UTF-8 text.`);
    }
  };
  let rest = '';
  for await (const piece of piecesOf(path)) {
    const lines = `${rest}${decode(piece)}`.split('\n');
    rest = lines.pop() ?? '';
    for (const text of lines) take(text);
    if (rest.length > LINE_CHARACTERS_MAX) take(rest);
  }
  take(`${rest}${decode()}`);
  return results;
}
