import {
  type ExchangePort,
  type OrderRequest,
  type PlaceReply,
  type SignatureType,
  type SignedOrder,
  VenueError,
} from '@slipstream/exchange';
import {
  type Account,
  type Credentials,
  l2Headers,
  openAccount,
  withoutSecrets,
} from '@slipstream/exchange/account-client';
import {
  type Domain,
  orderHash,
  orderMessage,
  signOrder,
  type Trader,
  traderOf,
} from './order-typed-data.ts';
import type { Signing } from './signing.ts';
import { isTimeout, openVenueHttp, type VenueHttp } from './venue-http.ts';

const MILLISECONDS = 1_000;

export type ClientOptions = {
  readonly clobUrl: string;
  readonly chainId: number;
  readonly signatureType: SignatureType;
  /** The wallet whose money moves, in lower case. */
  readonly funder: string;
  /** Null: nothing can be signed; orders can be planned and named. */
  readonly signer: Signing | null;
  /** Null: nothing private can be asked or sent. */
  readonly credentials: Credentials | null;
  readonly now: () => Date;
};

/** What differs between the versions of the venue. */
export type VenueForm = {
  readonly venueVersion: 1 | 2;
  /** Errors: RangeError for an order that this venue does not take. */
  readonly domainOf: (order: OrderRequest) => Domain;
  /** The field `order` of the request: the form in which the official client writes a signed order. */
  readonly orderField: (order: OrderRequest, trader: Trader, signature: string) => object;
};

/** Sends an order once. Whatever goes wrong on the way is an answer: the order may have arrived. */
function placer({ credentials, signer, now }: ClientOptions, http: VenueHttp): ExchangePort['place'] {
  const path = '/order';
  return async ({ order, orderType, postOnly }: SignedOrder): Promise<PlaceReply> => {
    if (credentials === null || signer === null)
      throw new Error('an order cannot be sent without key and credentials');
    const owner = JSON.stringify(credentials.key.reveal());
    // The order goes as the text that was signed for: its salt is a number, and must stay the same number.
    const body = `{"deferExec":false,"postOnly":${postOnly},"order":${order},"owner":${owner},"orderType":"${orderType}"}`;
    const timestampS = Math.floor(now().getTime() / MILLISECONDS);
    const address = await signer.getAddress();
    const headers = l2Headers(credentials, address, { timestampS, method: 'POST', path, body });
    try {
      const { status, text, retryAfterMs } = await http.post(path, headers, body);
      if (text === null) return { kind: 'no-reply', cause: 'too-large' };
      // An answer may repeat what was sent, and what is answered is stored.
      return { kind: 'reply', status, text: withoutSecrets(text, credentials), retryAfterMs };
    } catch (error) {
      return { kind: 'no-reply', cause: isTimeout(error) ? 'timeout' : 'connection' };
    }
  };
}

const refuse = async (): Promise<never> => {
  throw new VenueError('no API credentials are configured');
};
const WITHOUT_ACCOUNT: Account = {
  order: refuse,
  openOrders: refuse,
  fills: refuse,
  balance: refuse,
  refreshBalance: refuse,
  cancel: refuse,
  cancelAll: refuse,
  heartbeat: refuse,
  closedOnly: refuse,
  close: async () => undefined,
};

/** The port to a venue of one form: the same requests, pools and time-outs for all of them. */
export function openClient(options: ClientOptions, form: VenueForm): ExchangePort {
  const { signer, credentials, funder, signatureType, clobUrl } = options;
  const http = openVenueHttp(clobUrl);
  const trader = traderOf(funder, signer?.address ?? funder, signatureType);
  const canSend = credentials !== null && signer !== null;
  const account = canSend
    ? openAccount({ ...options, credentials, address: signer.address })
    : WITHOUT_ACCOUNT;
  if (canSend) http.keepWarm();
  return {
    ...account,
    venueVersion: form.venueVersion,
    serverTime: http.time,
    orderIdOf: (order) => orderHash(form.domainOf(order), orderMessage(order, trader)),
    sign: async (order) => {
      if (signer === null) throw new Error('an order cannot be signed without a key');
      const domain = form.domainOf(order);
      const message = orderMessage(order, trader);
      const orderId = orderHash(domain, message);
      const signature = await signOrder(signer, domain, message, orderId);
      return {
        orderId,
        order: JSON.stringify(form.orderField(order, trader, signature)),
        orderType: order.orderType,
        postOnly: order.postOnly,
      };
    },
    place: placer(options, http),
    close: async () => {
      await account.close();
      await http.close();
    },
  };
}
