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

/**
 * Makes API credentials with the key, or gives those that there are: the official client's own login, which every
 * version of the venue understands. Errors: one sentence with the venue's words.
 */
export async function logIn(options: {
  readonly clobUrl: string;
  readonly chainId: number;
  readonly signer: Signing;
}): Promise<LoginReply> {
  const signer = options.signer as unknown as ClobSigner;
  const client = new ClobClient(options.clobUrl.replace(/\/$/, ''), options.chainId as Chain, signer);
  const { key, secret, passphrase } = await client.createOrDeriveApiKey();
  if (!key || !secret || !passphrase) throw new Error('The exchange gave no API credentials for this key.');
  return { key, secret, passphrase };
}
