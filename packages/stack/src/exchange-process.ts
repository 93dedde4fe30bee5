import { join } from 'node:path';
import { z } from 'zod';
import { Refusal } from './refusal.ts';
import { type Supervised, supervise } from './supervised.ts';

const READY_WAIT_MS = 60_000;

/** A wallet of the simulator: its key is one of the well-known public test keys. */
const SimWallet = z.looseObject({
  privateKey: z.string(),
  address: z.string(),
  funder: z.string(),
  signatureType: z.int().min(0).max(3),
});

/** What the simulator prints when it listens. */
export const ExchangeEndpoints = z.looseObject({
  clob: z.string(),
  ws: z.string(),
  gamma: z.string(),
  data: z.string(),
  rtds: z.string(),
  /** Websockets of the chain's nodes. */
  rpcWs: z.array(z.string()).default([]),
  admin: z.string().optional(),
  geoblock: z.string().optional(),
  chainId: z.int().optional(),
  wallets: z.array(SimWallet).default([]),
});
export type ExchangeEndpoints = z.infer<typeof ExchangeEndpoints>;

/** The exchange itself. Only base URLs differ between it and the simulator. */
export const POLYMARKET: ExchangeEndpoints = {
  clob: 'https://clob.polymarket.com',
  ws: 'wss://ws-subscriptions-clob.polymarket.com/ws',
  gamma: 'https://gamma-api.polymarket.com',
  data: 'https://data-api.polymarket.com',
  rtds: 'wss://ws-live-data.polymarket.com',
  geoblock: 'https://polymarket.com/api/geoblock',
  // A node is not the exchange's: whoever runs Slipstream names his own.
  rpcWs: [],
  wallets: [],
};

/** Starts the simulator as a process and waits for the one line that tells its endpoints. */
export async function startSimulator(options: {
  readonly root: string;
  readonly node: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
}): Promise<{ readonly endpoints: ExchangeEndpoints; readonly process: Supervised }> {
  let heard: (line: string) => void = () => undefined;
  const firstLine = new Promise<string>((resolve) => {
    heard = resolve;
  });
  const complaints: string[] = [];
  const server = supervise({
    name: 'sim-exchange',
    command: options.node,
    args: [
      '--conditions=source',
      join('packages', 'sim-exchange', 'src', 'main.ts'),
      '--json',
      ...options.args,
    ],
    env: options.env,
    cwd: options.root,
    logFile: options.logFile,
    channel: true,
    stopSignal: 'SIGTERM',
    onLine: (line) => heard(line),
    onError: (line) => complaints.push(line),
    restart: false,
  });
  const failed = new Promise<never>((_, reject) => {
    server.onExit(() =>
      reject(new Refusal(complaints.at(-1) ?? `The simulator ended at once; see ${options.logFile}.`)),
    );
    setTimeout(
      () => reject(new Error(`the simulator was silent for ${READY_WAIT_MS} ms`)),
      READY_WAIT_MS,
    ).unref();
  });
  const line = await Promise.race([firstLine, failed]);
  failed.catch(() => undefined);
  return { endpoints: ExchangeEndpoints.parse(JSON.parse(line)), process: server };
}
