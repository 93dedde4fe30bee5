import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ROOT } from '@slipstream/stack';

export type SourceFile = { readonly path: string; readonly text: string; readonly lines: readonly string[] };

const AREAS = ['proto', 'packages', 'services', 'scripts', 'tests', 'bench'];
const SKIPPED = new Set([
  'node_modules',
  'dist',
  'generated',
  '.data',
  'schemas',
  'samples',
  'tapes',
  'migrations',
]);

function walk(dir: string, found: string[]): void {
  for (const name of readdirSync(dir)) {
    if (SKIPPED.has(name)) continue;
    const path = join(dir, name);
    if (statSync(path).isDirectory()) walk(path, found);
    else if (/\.(ts|mts|mjs|tsx)$/.test(name)) found.push(path);
  }
}

/** Every source file of ours, read once. */
export function readSourceTree(): readonly SourceFile[] {
  const found: string[] = [];
  for (const area of AREAS) walk(join(ROOT, area), found);
  return found.map((path) => {
    const text = readFileSync(path, 'utf8');
    return { path: relative(ROOT, path), text, lines: text.split('\n') };
  });
}

export const isTest = (file: SourceFile): boolean =>
  /\.test\.ts$|^tests\/|\/(test|testing)\//.test(file.path);
