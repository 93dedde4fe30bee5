import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startExchange, type TestExchange } from '../../../tests/contract/clients/scenario.ts';
import type { Finding } from './core/diagnosis.ts';

/** The fifth of the well-known development accounts: it has neither money nor approvals. */
const POOR_KEY = '0x47e179ec197488593b187f80a00eb0da91f1b9d0b13f8733639f19c30a34926a';
const RUN_WAIT_MS = 60_000;

type Ran = { readonly code: number; readonly stdout: string; readonly stderr: string };
type Told = { readonly ok: boolean; readonly findings: readonly Finding[] };

let exchange: TestExchange;
let dir: string;
const servers: Server[] = [];

function run(command: string, env: Record<string, string>, ...flags: string[]): Promise<Ran> {
  const file = join(import.meta.dirname, `${command}.ts`);
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--conditions=source', file, ...flags],
      { env: { PATH: process.env['PATH'] ?? '', ...env }, timeout: RUN_WAIT_MS },
      (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr }),
    );
  });
}

const keyFileOf = (name: string, key: string): string => {
  const path = join(dir, `${name}.key`);
  writeFileSync(path, `${key}\n`, { mode: 0o600 });
  return path;
};

/** The environment of a wallet; its key and its credentials are in files of its own. */
function envOf(name: string, key: string, type: number, funder?: string): Record<string, string> {
  return {
    CLOB_URL: exchange.host,
    GEOBLOCK_URL: `${exchange.host}/api/geoblock`,
    SIGNATURE_TYPE: String(type),
    SIGNING_KEY_FILE: keyFileOf(name, key),
    API_CREDENTIALS_FILE: join(dir, `${name}.json`),
    ...(funder === undefined ? {} : { FUNDER_ADDRESS: funder }),
  };
}

/** One of the simulator's wallets, logged in. */
async function walletOf(type: 0 | 1 | 2 | 3): Promise<Record<string, string>> {
  const wallet = exchange.sim.endpoints.wallets[type];
  if (wallet === undefined) throw new Error('the simulator has no such wallet');
  const env = envOf(`type-${type}`, wallet.privateKey, type, wallet.funder);
  expect(await run('derive-credentials', env, '--force')).toMatchObject({ code: 0 });
  return env;
}

async function examined(env: Record<string, string>, ...flags: string[]): Promise<Told & Ran> {
  const ran = await run('doctor', env, '--json', ...flags);
  return { ...(JSON.parse(ran.stdout) as Told), ...ran };
}

const badOf = ({ findings }: Told): string[] =>
  findings.filter(({ level }) => level === 'bad').map(({ check, says }) => `${check}: ${says}`);

/** Somebody else's server, who answers everything alike. */
async function serve(body: object): Promise<string> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeAll(async () => {
  exchange = await startExchange();
  dir = mkdtempSync(join(tmpdir(), 'slipstream-doctor-'));
});
beforeEach(() => exchange.admin('/faults', { geoblocked: false, adapterNotApproved: false, closedOnly: [] }));
afterAll(async () => {
  for (const server of servers) server.close();
  await exchange?.stop();
  if (dir !== undefined) rmSync(dir, { recursive: true, force: true });
});

describe('the doctor', () => {
  test.each([0, 1, 2, 3] as const)('finds all well for signature type %i, canary included', async (type) => {
    const env = await walletOf(type);
    const told = await examined(env, '--canary', exchange.tokenId);
    expect(badOf(told)).toEqual([]);
    expect(told).toMatchObject({ ok: true, code: 0, stderr: '' });
    expect(told.findings.map(({ check, level }) => `${check} ${level}`)).toEqual([
      'venue ok',
      'location ok',
      'clock ok',
      'key ok',
      'wallet ok',
      'credentials ok',
      'approvals ok',
      'approvals ok',
      'approvals ok',
      'balance ok',
      'canary ok',
    ]);
  });

  test('says it in lines, too, and names no secret', async () => {
    const env = await walletOf(0);
    const { code, stdout, stderr } = await run('doctor', env);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ok {4}venue {8}The exchange answers and speaks version 2\.$/m);
    const { secret, passphrase } = JSON.parse(readFileSync(env['API_CREDENTIALS_FILE'] ?? '', 'utf8'));
    const key = exchange.sim.endpoints.wallets[0]?.privateKey.slice(2) ?? '';
    for (const hidden of [secret, passphrase, key]) expect(stdout + stderr).not.toContain(hidden);
  });

  test('finds a wrong funder: at once where the wallet can be worked out, else by the canary', async () => {
    const plain = await walletOf(0);
    const funder = `0x${'9'.repeat(40)}`;
    const told = await examined({ ...plain, FUNDER_ADDRESS: funder });
    expect(told.code).toBe(1);
    expect(badOf(told)).toEqual([
      expect.stringMatching(/^wallet: .* trades with the money of the key itself/),
    ]);
    const safe = await walletOf(2);
    expect(badOf(await examined({ ...safe, FUNDER_ADDRESS: funder }))).toEqual([
      expect.stringMatching(
        /^wallet: The wallet of this key as a Safe is 0x955c807b9336876aa22d2413ed40ebe296503a93/,
      ),
    ]);
    const deposit = { ...(await walletOf(3)), FUNDER_ADDRESS: funder };
    expect((await examined(deposit)).findings).toContainEqual(
      expect.objectContaining({ check: 'wallet', level: 'warn' }),
    );
    const tried = await examined(deposit, '--canary', exchange.tokenId);
    expect(tried.code).toBe(1);
    expect(badOf(tried)).toEqual([expect.stringMatching(/^canary: The exchange refused an order/)]);
  });

  test('finds approvals that are missing', async () => {
    await exchange.admin('/faults', { adapterNotApproved: true });
    expect(badOf(await examined(await walletOf(1)))).toEqual([
      expect.stringMatching(/^approvals: .*NegRiskAdapter \(0xd91e80cf.*dollars/),
      expect.stringMatching(/^approvals: .*NegRiskAdapter \(0xd91e80cf.*outcome tokens/),
    ]);
  });

  test('finds an empty wallet, which has approved nothing', async () => {
    const env = envOf('poor', POOR_KEY, 0);
    await run('derive-credentials', env);
    const told = await examined(env, '--canary', exchange.tokenId);
    const bad = badOf(told);
    // Three contracts for dollars and three for tokens; those of Protocol V2 are worth a word.
    expect(bad.filter((one) => one.startsWith('approvals:'))).toHaveLength(6);
    expect(told.findings.filter(({ level }) => level === 'warn')).toHaveLength(2);
    expect(bad.slice(-2)).toEqual([
      expect.stringMatching(/^balance: There is no money/),
      expect.stringMatching(/^canary: No order was placed/),
    ]);
  });

  test('finds credentials that are wrong, of another key, unreadable or missing', async () => {
    const env = await walletOf(0);
    const path = env['API_CREDENTIALS_FILE'] ?? '';
    const right = JSON.parse(readFileSync(path, 'utf8'));
    const withFile = async (text: string): Promise<string[]> => {
      writeFileSync(path, text, { mode: 0o600 });
      return badOf(await examined(env));
    };
    const wrong = { ...right, secret: Buffer.from('another secret').toString('base64') };
    expect(await withFile(JSON.stringify(wrong))).toEqual([
      expect.stringContaining('does not accept the API credentials (status 401)'),
    ]);
    expect(await withFile(JSON.stringify({ ...right, address: `0x${'9'.repeat(40)}` }))).toEqual([
      expect.stringContaining('and not to the signing key'),
    ]);
    expect(await withFile('rubbish')).toEqual([expect.stringContaining('does not hold API credentials')]);
    expect(badOf(await examined({ ...env, API_CREDENTIALS_FILE: '' }))).toEqual([
      expect.stringContaining('There are no API credentials'),
    ]);
  });

  test('finds a key that is none, or none at all, and one that others may read', async () => {
    const env = await walletOf(0);
    const path = env['SIGNING_KEY_FILE'] ?? '';
    expect(badOf(await examined({ ...env, SIGNING_KEY_FILE: '' }))).toEqual([
      expect.stringContaining('There is no signing key'),
    ]);
    chmodSync(path, 0o644);
    const told = await examined(env);
    expect(told.code).toBe(0);
    expect(told.findings).toContainEqual(expect.objectContaining({ check: 'key', level: 'warn' }));
    writeFileSync(path, 'c0ffee');
    const none = await examined(env);
    expect(badOf(none)[0]).toContain('does not hold a signing key');
    expect(none.stdout).not.toContain('c0ffee');
  });

  test('finds an exchange that speaks something else, or nothing, and a place that is not served', async () => {
    const env = await walletOf(0);
    const strange = await serve({ version: 9 });
    expect(badOf(await examined({ ...env, CLOB_URL: strange }))).toEqual([
      expect.stringContaining('does not know (9)'),
    ]);
    await exchange.admin('/faults', { geoblocked: true });
    const told = await examined(env);
    expect(told.code).toBe(1);
    expect(badOf(told)).toEqual([expect.stringContaining('the exchange does not serve CH')]);
    // Not knowing is being blocked.
    expect(badOf(await examined({ ...env, GEOBLOCK_URL: strange }))).toEqual([
      expect.stringContaining('does not say whether it serves this location'),
    ]);
    const away = await examined({ ...env, CLOB_URL: 'http://127.0.0.1:9' });
    expect(badOf(away)[0]).toContain('The exchange does not answer');
  });

  test('finds an account that may only close positions', async () => {
    const env = await walletOf(0);
    await exchange.admin('/faults', { closedOnly: [exchange.sim.endpoints.wallets[0]?.address] });
    expect(badOf(await examined(env))).toEqual([expect.stringContaining('only close positions')]);
  });

  test('finds its canary again whatever becomes of the answers', async () => {
    const env = await walletOf(0);
    const canary = async (faults: object): Promise<string | undefined> => {
      await exchange.admin('/faults', faults);
      const { findings } = await examined(env, '--canary', exchange.tokenId);
      await exchange.admin('/faults', { orders: null, cancels: null });
      return findings.at(-1)?.says;
    };
    const well = expect.stringContaining('was placed far from the market, seen and cancelled');
    expect(await canary({ orders: { fault: 'acceptThenDrop' } })).toEqual(well);
    expect(await canary({ cancels: { fault: 'dropBefore', times: 2 } })).toEqual(well);
    expect(await canary({ orders: { fault: 'errorBefore' } })).toContain('The exchange refused an order');
    expect(await canary({ cancels: { fault: 'dropBefore', times: 100 } })).toContain(
      'the exchange did not answer to its cancellation; look for it',
    );
  }, 120_000);

  test('places no canary while something is wrong, nor in a market that it does not know', async () => {
    await exchange.admin('/faults', { adapterNotApproved: true });
    const env = await walletOf(0);
    expect((await examined(env, '--canary', exchange.tokenId)).findings.at(-1)?.says).toContain(
      'something else is wrong',
    );
    await exchange.admin('/faults', { adapterNotApproved: false });
    expect((await examined(env, '--canary', '12345')).findings.at(-1)?.says).toContain('knows no market');
    const { code, stderr } = await run('doctor', env, '--canary', 'nonsense');
    expect([code, stderr]).toEqual([1, expect.stringContaining('--canary wants the id of a token')]);
  });
});

describe('derive-credentials', () => {
  test('writes a file for its owner alone, and does not overwrite it unasked', async () => {
    const wallet = exchange.sim.endpoints.wallets[3];
    if (wallet === undefined) throw new Error('the simulator has no such wallet');
    const env = envOf('derived', wallet.privateKey, 3, wallet.funder);
    const path = env['API_CREDENTIALS_FILE'] ?? '';
    // Whoever left half a file behind does not decide who may read the whole one.
    writeFileSync(`${path}.new`, 'half', { mode: 0o644 });
    const first = await run('derive-credentials', env);
    expect(first.code).toBe(0);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(existsSync(`${path}.new`)).toBe(false);
    const written = readFileSync(path, 'utf8');
    const { key, secret, passphrase, address } = JSON.parse(written);
    expect(address).toBe(wallet.address);
    const hidden = [key, secret, passphrase, wallet.privateKey.slice(2)];
    const second = await run('derive-credentials', env);
    expect([second.code, second.stderr]).toEqual([1, expect.stringContaining('--force writes it anew')]);
    expect(readFileSync(path, 'utf8')).toBe(written);
    const third = await run('derive-credentials', env, '--force');
    expect(third.code).toBe(0);
    for (const { stdout, stderr } of [first, second, third])
      for (const text of hidden) expect(stdout + stderr).not.toContain(text);
  });

  test('says in a sentence what went wrong, and nothing of the key', async () => {
    const [wallet] = exchange.sim.endpoints.wallets;
    if (wallet === undefined) throw new Error('the simulator has no wallet');
    const env = envOf('failing', wallet.privateKey, 0);
    const attempts = [
      await run('derive-credentials', { ...env, CLOB_URL: 'http://127.0.0.1:9' }),
      await run('derive-credentials', { ...env, CLOB_URL: await serve({ error: 'nothing here' }) }),
      await run('derive-credentials', { ...env, SIGNING_KEY_FILE: join(dir, 'nowhere') }),
      await run('derive-credentials', { ...env, SIGNING_KEY_FILE: '' }),
      await run('derive-credentials', { ...env, SIGNING_KEY_FILE: keyFileOf('none', 'c0ffee') }),
    ];
    for (const { code, stdout, stderr } of attempts) {
      expect(code).toBe(1);
      expect(stderr.trim().split('\n')).toHaveLength(1);
      expect(stdout + stderr).not.toMatch(/c0ffee|POLY_SIGNATURE|0x[0-9a-f]{130}/i);
      expect(stdout + stderr).not.toContain(wallet.privateKey.slice(2));
    }
    expect(existsSync(env['API_CREDENTIALS_FILE'] ?? '')).toBe(false);
  });
});
