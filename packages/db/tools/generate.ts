// Writes Prisma's client into src/generated when the schema or Prisma itself has changed since it was last written.
// Needs the installed packages and nothing else: no network, no database, no install script of any package.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const GENERATE_WAIT_MS = 60_000;

const root = dirname(import.meta.dirname);
const schemaDir = join(root, 'prisma', 'schema');
const stampFile = join(root, 'src', 'generated', '.stamp');
const prismaPackage = fileURLToPath(import.meta.resolve('prisma/package.json'));

/** Everything that the generated client depends on. */
function wantedStamp(): string {
  const schema = readdirSync(schemaDir).sort().map((file) => join(schemaDir, file));
  const hash = createHash('sha256');
  for (const file of [prismaPackage, import.meta.filename, join(root, 'prisma.config.ts'), ...schema])
    hash.update(basename(file)).update('\0').update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

function generate(): void {
  const { status, stdout, stderr, error } = spawnSync(
    process.execPath,
    [join(dirname(prismaPackage), 'build', 'index.js'), 'generate', '--no-hints'],
    {
      cwd: root,
      encoding: 'utf8',
      timeout: GENERATE_WAIT_MS,
    },
  );
  if (status === 0) return;
  process.stderr.write(`prisma generate failed\n${error ?? ''}${stdout}${stderr}`);
  process.exit(1);
}

const wanted = wantedStamp();
if (!existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== wanted) {
  generate();
  // The stamp appears whole or not at all, and only after the client that it vouches for.
  writeFileSync(`${stampFile}.new`, wanted);
  renameSync(`${stampFile}.new`, stampFile);
}
