import {
  type ExchangePort,
  type OrderRequest,
  type PlaceReply,
  type SignatureType,
  type SignedOrder,
  VenueError,
} from '@slipstream/exchange';
import { type Account, type Credentials, l2Headers, openAccount } from '@slipstream/exchange/account-client';
import { Agent, request } from 'undici';
import { type Domain, orderHash, orderMessage, signOrder, type Trader } from './order-typed-data.ts';
import type { Signing } from './signing.ts';

/** Fewer than the account's concurrency would queue sends behind one another. */
const CONNECTIONS_MAX = 16;
const CONNECT_WAIT_MS = 2_000;
/** An order is worth sending for a few seconds; what has not been answered by then is asked about. */
const ANSWER_WAIT_MS = 5_000;
const REPLY_BYTES_MAX = 64 * 1024;
/** Connections are kept open so that no handshake lies between a decision and its order. */
const KEEP_ALIVE_MS = 60_000;
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

async function readReply(body: AsyncIterable<Buffer>): Promise<string | null> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > REPLY_BYTES_MAX) return null;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

const isTimeout = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).includes('TIMEOUT');

/** Sends an order once. Whatever goes wrong on the way is an answer: the order may have arrived. */
function placer({ clobUrl, credentials, signer, now }: ClientOptions, agent: Agent) {
  const path = '/order';
  const url = `${clobUrl.replace(/\/$/, '')}${path}`;
  return async ({ order, orderType, postOnly }: SignedOrder): Promise<PlaceReply> => {
    if (credentials === null || signer === null)
      throw new Error('an order cannot be sent without key and credentials');
    const owner = JSON.stringify(credentials.key.reveal());
    // The order goes as the text that was signed for: its salt is a number, and must stay the same number.
    const body = `{"deferExec":false,"postOnly":${postOnly},"order":${order},"owner":${owner},"orderType":"${orderType}"}`;
    const timestampS = Math.floor(now().getTime() / MILLISECONDS);
    const headers = l2Headers(credentials, await signer.getAddress(), {
      timestampS,
      method: 'POST',
      path,
      body,
    });
    try {
      const reply = await request(url, {
        dispatcher: agent,
        method: 'POST',
        headersTimeout: ANSWER_WAIT_MS,
        bodyTimeout: ANSWER_WAIT_MS,
        headers: { accept: 'application/json', 'content-type': 'application/json', ...headers },
        body,
      });
      const text = await readReply(reply.body);
      if (text === null) return { kind: 'no-reply', cause: 'too-large' };
      const after = reply.headers['retry-after'];
      const retryAfterMs =
        typeof after === 'string' && /^\d{1,6}$/.test(after) ? Number(after) * MILLISECONDS : null;
      return { kind: 'reply', status: reply.statusCode, text, retryAfterMs };
    } catch (error) {
      return { kind: 'no-reply', cause: isTimeout(error) ? 'timeout' : 'connection' };
    }
  };
}

async function readTime(clobUrl: string, agent: Agent): Promise<Date> {
  try {
    const { statusCode, body } = await request(`${clobUrl.replace(/\/$/, '')}/time`, {
      dispatcher: agent,
      headersTimeout: ANSWER_WAIT_MS,
      bodyTimeout: ANSWER_WAIT_MS,
    });
    const text = await readReply(body);
    if (statusCode === 200 && text !== null && /^\d{10}$/.test(text.trim()))
      return new Date(Number(text) * MILLISECONDS);
    throw new VenueError('/time: an answer that is no time', { status: statusCode });
  } catch (error) {
    if (error instanceof VenueError) throw error;
    throw new VenueError(`/time: ${error instanceof Error ? error.message : 'no answer'}`);
  }
}

const refuse = (): never => {
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
  const agent = new Agent({
    connections: CONNECTIONS_MAX,
    pipelining: 1,
    connect: { timeout: CONNECT_WAIT_MS },
    keepAliveTimeout: KEEP_ALIVE_MS,
  });
  const trader: Trader = { funder, signer: signer?.address ?? funder, signatureType };
  const account =
    credentials === null || signer === null
      ? WITHOUT_ACCOUNT
      : openAccount({ ...options, credentials, address: signer.address });
  return {
    ...account,
    venueVersion: form.venueVersion,
    serverTime: () => readTime(clobUrl, agent),
    orderIdOf: (order) => orderHash(form.domainOf(order), orderMessage(order, trader)),
    sign: async (order) => {
      if (signer === null) throw new Error('an order cannot be signed without a key');
      const domain = form.domainOf(order);
      const message = orderMessage(order, trader);
      const signature = await signOrder(signer, domain, message);
      return {
        orderId: orderHash(domain, message),
        order: JSON.stringify(form.orderField(order, trader, signature)),
        orderType: order.orderType,
        postOnly: order.postOnly,
      };
    },
    place: placer(options, agent),
    close: async () => {
      await account.close();
      await agent.close();
    },
  };
}
