import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type FakeClock, fakeClock, idleActivity, loadConfig } from '@slipstream/runtime';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { type RunningSim, startSimExchange } from '../src/server.ts';
import type { SimOptions } from '../src/sim-options.ts';
import type { Tape, TapeEvent, TapeMarket } from '../src/tapes/tape.ts';
import { hashFrom, type Market, tokenIdFrom, walletFrom } from '../src/venue/market.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** The folder of recordings beside the clone; null, said aloud, where there is none. */
export function recordings(): string | null {
  const { SLIPSTREAM_SHARED: shared } = loadConfig(z.object({ SLIPSTREAM_SHARED: z.string().optional() }));
  const folder = join(shared ?? join(ROOT, '../shared'), 'data');
  if (existsSync(folder)) return folder;
  process.stderr.write(`Recordings are not at ${folder}: their tests are skipped.\n`);
  return null;
}

export const BEGIN = new Date('2026-06-01T12:00:00Z');
export const ANNA = walletFrom('test', 'anna');

export const tapeMarket = (name = 'ferry', more: Partial<TapeMarket> = {}): TapeMarket => ({
  conditionId: hashFrom('test', name),
  question: `Will the ${name} run?`,
  slug: name,
  eventSlug: name,
  outcomes: ['Yes', 'No'],
  tokenIds: [tokenIdFrom('test', name, 'Yes'), tokenIdFrom('test', name, 'No')],
  tickMicros: 10_000n,
  minSizeMicros: 5_000_000n,
  negRisk: false,
  feeRateMicros: 50_000n,
  feeExponent: 1,
  endsAtMs: null,
  ...more,
});

export const openMarket = (name = 'ferry'): Market => ({
  ...tapeMarket(name),
  startsAtMs: BEGIN.getTime() - 86_400_000,
  state: 'open',
  payout: null,
  lastTrade: null,
});

export const viewOf = (bids: Record<number, number>, asks: Record<number, number>) => {
  const levels = (side: Record<number, number>) =>
    new Map(
      Object.entries(side).map(([cents, shares]) => [BigInt(cents) * 10_000n, BigInt(shares) * 1_000_000n]),
    );
  return { bids: levels(bids), asks: levels(asks) };
};

export const tapeTrade = (market: TapeMarket, atMs: number, more: object = {}): TapeEvent => ({
  kind: 'trade',
  atMs,
  wallet: ANNA,
  tokenId: market.tokenIds[0],
  conditionId: market.conditionId,
  side: 'BUY',
  price: '0.46',
  size: '100',
  transactionHash: hashFrom('trade', String(atMs)),
  ...more,
});

export type TestSim = RunningSim & { readonly clock: FakeClock };

/** A simulator on a fake clock and a free port; it waits for `start` unless told otherwise. */
export async function startTestSim(options: Partial<SimOptions> = {}): Promise<TestSim> {
  const clock = fakeClock(BEGIN);
  const sim = await startSimExchange({
    clock,
    busy: idleActivity,
    tape: null,
    seed: 1,
    wallets: 4,
    rate: 60,
    port: 0,
    speed: 1,
    silenceMaxMs: 2_000,
    loop: false,
    pass: 0,
    hold: true,
    singleObjects: false,
    clobVersion: 2,
    ...options,
  });
  return { ...sim, clock };
}

export const smallTape = (events: readonly TapeEvent[], markets = [tapeMarket()]): Tape => ({
  name: 'small',
  markets,
  events,
});

export async function getJson(url: string): Promise<{ status: number; body: never; headers: Headers }> {
  const answer = await fetch(url);
  return { status: answer.status, body: JSON.parse(await answer.text()) as never, headers: answer.headers };
}

export async function postJson(url: string, body: unknown): Promise<{ status: number; body: never }> {
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  return { status: answer.status, body: JSON.parse(await answer.text()) as never };
}

/** A socket that keeps what it hears. */
export async function openSocket(url: string) {
  const socket = new WebSocket(url);
  const heard: string[] = [];
  socket.on('message', (data) => heard.push(data.toString()));
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  let closed = false;
  socket.once('close', () => {
    closed = true;
  });
  const say = (frame: unknown): void =>
    socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  return {
    heard,
    isClosed: () => closed,
    say,
    /** Everything said before is answered once a PING has come back. */
    settle: async (): Promise<void> => {
      say('PING');
      await waitFor(() => heard.at(-1) === 'PONG' || closed);
      if (heard.at(-1) === 'PONG') heard.pop();
    },
    close: () => socket.terminate(),
  };
}

const WAIT_MS = 5_000;

export async function waitFor(done: () => boolean): Promise<void> {
  const until = performance.now() + WAIT_MS;
  while (!done()) {
    if (performance.now() > until) throw new Error('it did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
