import { execFile } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startExchange, type TestExchange } from './scenario.ts';

const run = promisify(execFile);
/** Some four hundred packages are translated the first time. */
const BUILD_MS = 900_000;
const RUN_MS = 60_000;
const FOLDER = join(import.meta.dirname, 'rust');
const TARGET = join(homedir(), '.cache', 'slipstream', 'rust-client');

/** The exchange's Rust client with our script, built where it is asked for; or why it is not to be had here. */
async function buildClient(): Promise<{ readonly program: string } | { readonly missing: string }> {
  if (process.env['RUST_CLIENT'] !== '1')
    return { missing: 'the Rust client is built and tried with RUST_CLIENT=1; it takes minutes' };
  const args = ['build', '--quiet', '--manifest-path', join(FOLDER, 'Cargo.toml'), '--target-dir', TARGET];
  try {
    await run('cargo', args, { timeout: BUILD_MS });
    return { program: join(TARGET, 'debug', 'slipstream-rust-client') };
  } catch (error) {
    const text = error instanceof Error ? error.message.trim() : '';
    return { missing: `the Rust client is not to be had: ${text.split('\n').slice(-2).join(' ')}` };
  }
}

const client = await buildClient();
if ('missing' in client) process.stdout.write(`skipped: ${client.missing}\n`);

describe.skipIf('missing' in client)('the unmodified polymarket_client_sdk_v2 0.9.0', () => {
  let exchange: TestExchange;
  beforeAll(async () => {
    exchange = await startExchange();
    await exchange.admin('/faults', { minedAfterMs: 100, confirmedAfterMs: 200 });
  });
  afterAll(() => exchange?.stop());

  test.each([0, 1, 2, 3])('logs in, trades, lists and cancels with signature type %i', async (type) => {
    if ('missing' in client) return;
    const { host, tokenId, sim } = exchange;
    const wallet = sim.endpoints.wallets[type];
    const condition = sim.venue.marketOf(tokenId)?.conditionId;
    if (wallet === undefined || condition === undefined) throw new Error('no wallet, or no market');
    const sockets = sim.endpoints.ws.replace(/\/ws\/?$/, '');
    const args = [host, sockets, tokenId, condition, wallet.privateKey, String(type), wallet.funder];
    const { stdout } = await run(client.program, args, { timeout: RUN_MS });
    const told = JSON.parse(stdout);
    expect(told).toMatchObject({
      tokens: 2,
      closedOnly: false,
      resting: { success: true, status: 'Live' },
      listed: [told.resting.id],
      one: 'Live',
      canceled: [told.resting.id],
      bought: { success: true, status: 'Matched' },
      left: 0,
      beat: true,
    });
    expect(told.trades.length).toBeGreaterThan(0);
    for (const status of told.trades) expect(status).toBe('Confirmed');
    // The order placed and cancelled, the other one, and its trade in each of its three steps.
    expect(told.events).toBeGreaterThanOrEqual(6);
  });
});
