import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '@slipstream/stack';
import { generatedFiles } from './generate/all.ts';
import { SCHEMAS_DIR } from './generate/schemas.ts';

const check = process.argv.includes('--check');
const files = generatedFiles();

const current = (path: string): string | null =>
  existsSync(join(ROOT, path)) ? readFileSync(join(ROOT, path), 'utf8') : null;

const stale = files.filter(({ path, text }) => current(path) !== text);
const wanted = new Set(files.map(({ path }) => path));
const schemasDir = join(ROOT, SCHEMAS_DIR);
const leftOver = (existsSync(schemasDir) ? readdirSync(schemasDir) : [])
  .map((name) => `${SCHEMAS_DIR}/${name}`)
  .filter((path) => !wanted.has(path));

if (!check) {
  for (const { path, text } of stale) {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true });
    writeFileSync(join(ROOT, path), text);
  }
  for (const path of leftOver) rmSync(join(ROOT, path));
}
for (const path of [...stale.map((file) => file.path), ...leftOver])
  console.log(`${check ? 'stale' : 'written'}: ${path}`);
if (check && stale.length + leftOver.length > 0) {
  console.error('Generated files are stale; run `npm run generate` and commit what it writes.');
  process.exitCode = 1;
}
