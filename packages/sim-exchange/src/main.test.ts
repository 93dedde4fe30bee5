import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseSimFlags } from './flags.ts';

const MAIN = join(import.meta.dirname, 'main.ts');
const DEMO = join(import.meta.dirname, '../tapes/demo');

/** Runs the command; stops it once it has printed a line. */
function run(...args: string[]): Promise<{ out: string; err: string; code: number | null }> {
  const child = spawn(process.execPath, ['--conditions=source', MAIN, ...args], { stdio: 'pipe' });
  let [out, err] = ['', ''];
  child.stderr.on('data', (part) => {
    err += part;
  });
  child.stdout.on('data', (part) => {
    out += part;
    // A moment more, in case another line came.
    setTimeout(() => child.kill('SIGTERM'), 100);
  });
  return new Promise((resolve) => child.once('exit', (code) => resolve({ out, err, code })));
}

describe('the command', () => {
  test('prints exactly one JSON line and stops on request', { timeout: 20_000 }, async () => {
    const { out, err, code } = await run('--tape', DEMO, '--json', '--hold');
    expect(err).toBe('');
    expect(code).toBe(0);
    expect(out.split('\n')).toEqual([expect.stringMatching(/^\{.*\}$/), '']);
    const said = JSON.parse(out);
    expect(said.tokens).toHaveLength(8);
    expect(said.clob).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  test.each([
    [['--speed', 'fast'], '--speed wants a number above 0, not “fast”.\n'],
    [['--port', '70000'], '--port wants a whole number from 0 to 65535, not “70000”.\n'],
    [['--nonsense'], "Unknown option '--nonsense'; --help names the flags.\n"],
    [['--tape', '/nowhere'], 'There is no tape at /nowhere.\n'],
  ])('ends with one sentence on %j', { timeout: 20_000 }, async (args, sentence) => {
    expect(await run(...args)).toEqual({ out: '', err: sentence, code: 1 });
  });

  test('ends with file and line on a damaged tape', { timeout: 20_000 }, async () => {
    const dir = mkdtempSync(join(tmpdir(), 'tape-'));
    writeFileSync(join(dir, 'tape.jsonl'), '{"kind":\n');
    expect(await run('--tape', dir)).toEqual({
      out: '',
      err: 'tape.jsonl, line 1: this is not JSON.\n',
      code: 1,
    });
  });
});

describe('flags', () => {
  test('have defaults', () => {
    expect(parseSimFlags([])).toEqual({
      tape: null,
      seed: 1,
      port: 0,
      json: false,
      speed: 1,
      silenceMaxMs: 2_000,
      loop: false,
      hold: false,
      steady: false,
      wallets: 4,
      rate: 60,
      pass: 0,
      singleObjects: false,
      clobVersion: 2,
    });
  });
});
