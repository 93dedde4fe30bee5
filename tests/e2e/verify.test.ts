import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { ROOT } from '@slipstream/stack';
import { sharedFolder } from '@slipstream/testkit';
import { afterAll, describe, expect, test } from 'vitest';

const run = promisify(execFile);
const WAIT_MS = 280_000;
const DEMO = join(ROOT, 'packages', 'sim-exchange', 'tapes', 'demo');
const shared = sharedFolder();
const MLB = shared === null ? null : join(shared, 'data', 'tape-mlb-leaders-202606');
const temporary = mkdtempSync(join(tmpdir(), 'slipstream-tapes-'));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

type Verified = {
  readonly leaderTrades: number;
  readonly attempts: number;
  readonly execute: number;
  readonly skip: number;
  readonly liveAttempts: number;
  readonly fills: number;
  readonly ledgerEntries: number;
  readonly cashMicros: string;
  readonly equityMicros: string | null;
  readonly reasons: Readonly<Record<string, number>>;
  readonly violations: readonly string[];
  readonly fingerprint: string;
};

async function verify(
  ...args: readonly string[]
): Promise<{ status: number; result: Verified | null; error: string }> {
  const call = [join(ROOT, 'scripts', 'bootstrap.mjs'), 'verify', ...args];
  try {
    const { stdout, stderr } = await run(process.execPath, call, { timeout: WAIT_MS });
    return { status: 0, result: JSON.parse(stdout), error: stderr };
  } catch (failure) {
    const { code, stdout, stderr } = failure as { code: number; stdout: string; stderr: string };
    return { status: code, result: stdout.startsWith('{') ? JSON.parse(stdout) : null, error: stderr };
  }
}

/** A tape of the same form that nobody has seen: the first part of a recording, under other wallets and hashes. */
function strangeTape(source: string, keep: number): string {
  const dir = mkdtempSync(join(temporary, 'strange-'));
  cpSync(source, dir, { recursive: true });
  const file = readdirSync(dir).find((name) => name.startsWith('trades.jsonl')) ?? '';
  const text = gunzipSync(readFileSync(join(dir, file))).toString();
  const rows = text
    .split('\n')
    .filter((line) => line.includes('mlb-sf-ari-2026-07-01'))
    .slice(0, keep);
  const other = rows.map((line) =>
    line
      .replace(/"proxy_wallet": "0x../g, '"proxy_wallet": "0xfe')
      .replace(/"transaction_hash": "0x../g, '"transaction_hash": "0xab'),
  );
  rmSync(join(dir, file));
  writeFileSync(join(dir, 'trades.jsonl'), `${other.join('\n')}\n`);
  return dir;
}

describe('npm run verify', () => {
  test('finds nothing wrong on the tape of the package, twice the same', async () => {
    const first = await verify('--tape', DEMO);
    expect(first.error + JSON.stringify(first.result?.violations)).not.toMatch(/Error/);
    expect(first.status).toBe(0);
    expect(first.result?.violations).toEqual([]);
    expect(first.result?.execute).toBeGreaterThan(0);
    expect(first.result?.fills).toBeGreaterThan(0);
    expect(first.result?.liveAttempts).toBe(0);
    const second = await verify('--tape', DEMO);
    const { seconds: _, ...once } = first.result as Verified & { seconds: number };
    const { seconds: __, ...again } = second.result as Verified & { seconds: number };
    expect(again).toEqual(once);
    // Every PAPER row is the same, byte for byte, whether LIVE is off, in shadow, or on.
    for (const live of ['SHADOW', 'ON']) {
      const { result } = await verify('--tape', DEMO, '--live', live);
      expect(result?.fingerprint).toBe(once.fingerprint);
      expect(result?.liveAttempts).toBe(once.attempts);
    }
  });

  test.skipIf(MLB === null)('copies part of a recording that it has never seen', async () => {
    const { status, result } = await verify('--tape', strangeTape(MLB ?? '', 40));
    expect(result?.violations).toEqual([]);
    expect(status).toBe(0);
    expect(result?.leaderTrades).toBeGreaterThan(30);
    expect(result?.attempts).toBe((result?.execute ?? 0) + (result?.skip ?? 0));
  });

  test.skipIf(MLB === null)('refuses a damaged tape by file and line', async () => {
    const dir = strangeTape(MLB ?? '', 20);
    const file = join(dir, 'trades.jsonl');
    const lines = readFileSync(file, 'utf8').split('\n');
    lines[6] = `${lines[6]?.slice(0, 40)}`;
    writeFileSync(file, lines.join('\n'));
    const { status, error } = await verify('--tape', dir);
    expect(status).toBe(1);
    expect(error).toMatch(/trades\.jsonl.*\b7\b/);
  });

  test('refuses a follower’s wallet that is no address and a tape that is not there', async () => {
    expect((await verify('--tape', DEMO, '--follow', '0x12')).error).toMatch(/not a wallet/);
    expect((await verify('--tape', join(temporary, 'nowhere'))).error).toMatch(/no tape/i);
  });
});
