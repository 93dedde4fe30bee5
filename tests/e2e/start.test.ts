import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, ROOT, type RunFile, removeData } from '@slipstream/stack';
import { eventually } from '@slipstream/testkit';
import { afterAll, afterEach, describe, expect, test } from 'vitest';

const START_WAIT_MS = 60_000;
const STOP_WAIT_MS = 30_000;
const FIRST_COPY_MS = 30_000;

const dataDir = mkdtempSync(join(tmpdir(), 'slipstream-start-'));
let running: { child: ChildProcess; output: () => string } | null = null;

function npmStart(...flags: readonly string[]): { child: ChildProcess; output: () => string } {
  const child = spawn(
    process.execPath,
    [join(ROOT, 'scripts', 'bootstrap.mjs'), 'start', '--data', dataDir, ...flags],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    },
  );
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (part: Buffer) => {
      text += part.toString();
    });
  running = { child, output: () => text };
  return running;
}

const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => {
    if (child.exitCode !== null) resolve(child.exitCode);
    else child.once('exit', (code) => resolve(code));
  });

/** Processes whose command line names this data folder, as the operating system tells. */
function processesOf(dir: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
        return line.includes(dir) || environment.includes(dir) ? [`${pid} ${line}`] : [];
      } catch {
        return [];
      }
    });
}

const runFile = (): RunFile => JSON.parse(readFileSync(join(dataDir, 'run.json'), 'utf8'));
const untilRunning = (): Promise<unknown> =>
  eventually('the system runs', () => running?.output().includes('Slipstream runs') === true, {
    withinMs: START_WAIT_MS,
  });

/** Ctrl-C in a terminal: SIGINT to the whole group in the foreground. */
async function interrupt(child: ChildProcess): Promise<number | null> {
  if (child.pid !== undefined) process.kill(-child.pid, 'SIGINT');
  return ended(child);
}

afterEach(async () => {
  if (running !== null && running.child.exitCode === null) await interrupt(running.child);
  running = null;
}, STOP_WAIT_MS);
afterAll(() => removeData(dataDir));

describe('npm start', () => {
  test('copies its first trade within 30 seconds, tells tools where everything is, and leaves nothing behind', async () => {
    const began = performance.now();
    const { child, output } = npmStart('--port', '0');
    await untilRunning();
    await eventually('the first copy is told', () => /first trade copied/.test(output()), {
      withinMs: FIRST_COPY_MS,
    });
    expect(performance.now() - began).toBeLessThan(FIRST_COPY_MS);
    const run = runFile();
    expect(statSync(join(dataDir, 'run.json')).mode & 0o777).toBe(0o600);
    expect(Object.keys(run.services)).toHaveLength(7);
    expect(existsSync(run.nats.creds)).toBe(true);
    const page = await fetch(
      `${run.gateway.url}/api/copy-attempts?tradingMode=PAPER&decision=EXECUTE&limit=1`,
      {
        headers: { authorization: `Bearer ${run.gateway.token}` },
      },
    );
    const { items } = (await page.json()) as { items: Record<string, unknown>[] };
    for (const field of [
      'id',
      'leader',
      'tokenId',
      'side',
      'decision',
      'reasons',
      'targetNotionalMicros',
      'filledNotionalMicros',
    ])
      expect(items[0]).toHaveProperty(field);
    expect(await interrupt(child)).toBe(0);
    expect(existsSync(join(dataDir, 'run.json'))).toBe(false);
    await eventually('no process is left', () => processesOf(dataDir).length === 0);
  });

  test('goes on with the same data, and says so when it runs already', async () => {
    npmStart('--port', '0');
    const first = running;
    await untilRunning();
    const run = runFile();
    const attempts = await fetch(`${run.gateway.url}/api/copy-attempts?limit=5`, {
      headers: { authorization: `Bearer ${run.gateway.token}` },
    });
    expect(((await attempts.json()) as { items: unknown[] }).items.length).toBeGreaterThan(0);
    const second = npmStart('--port', '0');
    expect(await ended(second.child)).toBe(1);
    expect(second.output()).toMatch(/already runs/);
    running = first;
  });

  test('leaves nothing behind when it is killed itself', async () => {
    const { child } = npmStart('--port', '0');
    await untilRunning();
    const launcher = runFile().pid;
    process.kill(launcher, 'SIGKILL');
    await ended(child);
    await eventually('no process is left', () => processesOf(dataDir).length === 0, {
      withinMs: STOP_WAIT_MS,
    });
  });

  test('names a port that is taken', async () => {
    const port = await freePort();
    const squatter = createServer().listen(port, '127.0.0.1');
    const { child, output } = npmStart('--port', String(port));
    expect(await ended(child)).toBe(1);
    expect(output()).toContain(`Port ${port}`);
    squatter.close();
  });

  test.each([
    [['--tape', '/nowhere/at/all'], /no tape/i],
    [['--leader', '0x12'], /not a wallet/],
    [['--port', 'eighty'], /--port/],
    [['--exchange', 'other'], /--exchange/],
    [['--wat'], /--wat/],
  ])('refuses %j in one sentence', async (flags, sentence) => {
    const { child, output } = npmStart(...flags);
    expect(await ended(child)).toBe(1);
    expect(output()).toMatch(sentence);
    expect(output()).not.toMatch(/\n\s+at /);
  });
});
