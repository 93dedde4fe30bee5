import { setTimeout as wait } from 'node:timers/promises';
import { type Chain, ClobClient, type ClobSigner, getContractConfig } from '@polymarket/clob-client';
import type { ExchangePort } from '@slipstream/exchange';
import { orderDomain, orderMessage } from './order-typed-data.ts';
import type { Signing } from './signing.ts';
import { type ClientOptions, openClient, type VenueForm } from './trading-client.ts';

/** A venue of version 1: the only one whose orders this client's form is for. Source: polymarket §1.2. */
export function openClobClient(options: ClientOptions): ExchangePort {
  const contracts = getContractConfig(options.chainId);
  const form: VenueForm = {
    venueVersion: 1,
    domainOf: (order) => {
      if (order.version !== 1) throw new RangeError(`this venue takes no order of version ${order.version}`);
      return orderDomain(1, options.chainId, order.negRisk ? contracts.negRiskExchange : contracts.exchange);
    },
    orderField: (order, trader, signature) => ({
      ...orderMessage(order, trader),
      salt: Number(order.salt),
      side: order.side,
      signature,
    }),
  };
  return openClient(options, form);
}

/** What a login gives: three texts that open the account. */
type LoginReply = { readonly key: string; readonly secret: string; readonly passphrase: string };

/** From the first question on; the official client itself would wait for ever. */
const LOGIN_WAIT_MS = 20_000;
const WORDS_CHARACTERS_MAX = 200;
/** What the client's constructor takes between its signer and its last argument, and a login does not need. */
const LEFT_OUT = [
  undefined,
  undefined,
  undefined,
  undefined,
  undefined,
  undefined,
  undefined,
  undefined,
  undefined,
] as const;
/** A signature, which a refusal may repeat, and which would still log in for a while. */
const LONG_HEX = /(0x)?[0-9a-f]{64,}/gi;

const wordsOf = (error: unknown): string =>
  error instanceof Error
    ? error.message.replaceAll(LONG_HEX, '‹hidden›').slice(0, WORDS_CHARACTERS_MAX)
    : 'without a word';

/** Makes credentials; where there are some already, the exchange refuses that and gives them again. */
async function createOrDerive(client: ClobClient): Promise<LoginReply> {
  let refusal: unknown;
  for (const ask of [() => client.createApiKey(), () => client.deriveApiKey()])
    try {
      const { key, secret, passphrase } = await ask();
      if (key && secret && passphrase) return { key, secret, passphrase };
    } catch (error) {
      refusal = error;
    }
  throw new Error(`The exchange gave no API credentials for this key: ${wordsOf(refusal)}.`);
}

/**
 * Makes API credentials with the key, or gives those that there are: the official client's own login, which every
 * version of the venue understands. Errors: one sentence with the venue's words, in bounded time.
 */
export async function logIn(options: {
  readonly clobUrl: string;
  readonly chainId: number;
  readonly signer: Signing;
}): Promise<LoginReply> {
  const signer = options.signer as unknown as ClobSigner;
  const client = new ClobClient(
    options.clobUrl,
    options.chainId as Chain,
    signer,
    ...LEFT_OUT,
    // Otherwise it returns errors as if they were answers.
    true,
  );
  const late = new AbortController();
  const tooLate = wait(LOGIN_WAIT_MS, undefined, { signal: late.signal }).then(() => {
    throw new Error('The exchange does not answer to the login.');
  });
  try {
    return await Promise.race([createOrDerive(client), tooLate]);
  } finally {
    late.abort();
    tooLate.catch(() => undefined);
  }
}
