import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { findFile } from './files.ts';
import { readHashedTape } from './read-hashed.ts';
import { readLeadersTape } from './read-leaders.ts';
import { isLevel2, readLevel2Tape } from './read-level2.ts';
import { readOwnTape } from './read-own.ts';
import { isPrints, readPrintsTape } from './read-prints.ts';
import { type Tape, TapeDamage } from './tape.ts';

async function readAny(path: string): Promise<Tape> {
  if (!existsSync(path)) throw new TapeDamage(`There is no tape at ${path}.`);
  if (statSync(path).isFile()) return /\.jsonl(\.gz)?$/.test(path) ? readOwnTape(path) : readLevel2Tape(path);
  const own = findFile(join(path, 'tape.jsonl'));
  if (own !== null) return readOwnTape(own);
  if (findFile(join(path, 'trades.jsonl')) !== null || findFile(join(path, 'books.jsonl')) !== null)
    return readLeadersTape(path);
  if (findFile(join(path, 'trades.csv')) !== null) return readHashedTape(path);
  if (isPrints(path)) return readPrintsTape(path);
  if (isLevel2(path)) return readLevel2Tape(path);
  throw new TapeDamage(`The files in ${path} are of no form that we know; see TAPES.md.`);
}

/**
 * Reads a recording of any known form, whole, and checks every line before anything is replayed.
 *
 * Errors: TapeDamage with one sentence that names file and line.
 */
export async function readTape(path: string): Promise<Tape> {
  const tape = await readAny(path);
  if (tape.events.length === 0) throw new TapeDamage(`The tape at ${path} holds no event.`);
  return tape;
}
