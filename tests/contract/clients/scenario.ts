import { idleActivity, silentLogger, wallClock } from '@slipstream/runtime';
import { type RunningSim, startSimExchange } from '@slipstream/sim-exchange';
import { Wallet } from 'ethers';

export type TestExchange = {
  readonly sim: RunningSim;
  readonly host: string;
  /** A token with a book, and its best prices. */
  readonly tokenId: string;
  readonly bid: number;
  readonly ask: number;
  readonly tick: string;
  readonly negRiskToken: string;
  readonly admin: <T>(path: string, body?: unknown) => Promise<T>;
  readonly stop: () => Promise<void>;
};

/** A wallet of today's ethers as the exchange's clients want it, which know an older one. */
export const signerOf = (privateKey: string) => {
  const wallet = new Wallet(privateKey);
  return {
    getAddress: () => wallet.getAddress(),
    _signTypedData: wallet.signTypedData.bind(wallet),
  };
};

/** A price so many ticks of a cent from another. */
export const centsFrom = (price: number, cents: number): number => Number((price + cents / 100).toFixed(2));

export type Asked = {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly string[];
  readonly body: unknown;
};

/** What was asked of the trading side, the newest last. */
export async function askedOf(exchange: TestExchange): Promise<readonly Asked[]> {
  return (await exchange.admin<{ requests: readonly Asked[] }>('/requests')).requests;
}

/** The headers with which an account proves itself. */
export const ACCOUNT_HEADERS = [
  'poly_address',
  'poly_api_key',
  'poly_passphrase',
  'poly_signature',
  'poly_timestamp',
];

/** The simulator as clients find it, on the machine's clock; held, so that nobody moves its books but they. */
export async function startExchange(clobVersion: 1 | 2 = 2): Promise<TestExchange> {
  const clock = wallClock(idleActivity, silentLogger());
  const sim = await startSimExchange({
    clock,
    busy: idleActivity,
    tape: null,
    seed: 5,
    wallets: 1,
    rate: 0,
    port: 0,
    speed: 1,
    silenceMaxMs: 2_000,
    loop: false,
    pass: 0,
    hold: true,
    singleObjects: false,
    clobVersion,
  });
  const admin = async <T>(path: string, body?: unknown): Promise<T> => {
    const reply = await fetch(`${sim.endpoints.admin}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
    return (await reply.json()) as T;
  };
  const markets = [...sim.venue.markets.values()];
  const [market] = markets.filter(({ tickMicros, negRisk }) => tickMicros === 10_000n && !negRisk);
  const negRisk = markets.find((one) => one.negRisk);
  if (market === undefined || negRisk === undefined) throw new Error('the seed has no such markets');
  const [tokenId] = market.tokenIds;
  const book = (await (await fetch(`${sim.endpoints.clob}/book?token_id=${tokenId}`)).json()) as {
    bids: { price: string }[];
    asks: { price: string }[];
  };
  return {
    sim,
    host: sim.endpoints.clob,
    tokenId,
    bid: Number(book.bids.at(-1)?.price),
    ask: Number(book.asks.at(-1)?.price),
    tick: '0.01',
    negRiskToken: negRisk.tokenIds[0],
    admin,
    stop: async () => {
      await sim.stop();
      await clock.stop();
    },
  };
}
