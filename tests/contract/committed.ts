import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@slipstream/stack';

const SAMPLES_DIR = join(ROOT, 'proto', 'samples');

export const sampleNames = (): readonly string[] => readdirSync(SAMPLES_DIR);

/** A committed sample, as it would arrive. */
export const readSample = (file: string): unknown =>
  JSON.parse(readFileSync(join(SAMPLES_DIR, file), 'utf8'));

/** The channel and the version that a sample is of: `copyDead.v1.json`. */
export function sampleOf(file: string): { readonly channel: string; readonly version: number } {
  const match = /^(\w+)\.v(\d+)\.json$/.exec(file);
  if (match === null) throw new Error(`${file} is not named channel.vN.json`);
  return { channel: match[1] ?? '', version: Number.parseInt(match[2] ?? '', 10) };
}
