import { createHash } from 'node:crypto';
import {
  type ExchangePort,
  type OrderRequest,
  type PlaceReply,
  VenueError,
  type VenueFill,
  type VenueOrder,
} from '@slipstream/exchange';
import { price, shares } from '@slipstream/money';
import type { Venue } from '../venue.ts';

/** What the next sends meet, in their order; then everything is well. */
type Trouble =
  /** Executed, and the answer is lost. */
  | 'dropped'
  /** Not executed, and the answer is a server error. */
  | 'failed-before'
  | 'failed-after'
  | 'restarting'
  | 'killed'
  | 'rejected'
  /** Executed, and answered under another id. */
  | 'other-id';

const HOUR_AGO = new Date(0);
const reply = (status: number, body: object, retryAfterMs: number | null = null): PlaceReply => ({
  kind: 'reply',
  status,
  text: JSON.stringify(body),
  retryAfterMs,
});

/**
 * The port to an exchange that fills what it takes at once, at the limit, and never takes the same order twice. Its
 * books are the oracle. Signing is a hash: what real signatures are worth is tested where they are made.
 */
export function fakeVenue() {
  const taken = new Map<string, { readonly request: OrderRequest; sends: number }>();
  const requests = new Map<string, OrderRequest>();
  const troubles: Trouble[] = [];
  const posts: string[] = [];
  const cancels: string[] = [];
  const refreshed: string[] = [];
  let away = false;
  /** The lists lag behind what was executed. */
  let blind = false;
  let status: VenueOrder['status'] = 'MATCHED';
  let refusesToCancel = 'not found';

  const idOf = (order: OrderRequest): string =>
    `0x${createHash('sha256')
      .update(JSON.stringify(order, (_, value) => (typeof value === 'bigint' ? String(value) : value)))
      .digest('hex')}`;
  const sizeOf = ({ side, makerMicros, takerMicros }: OrderRequest): bigint =>
    side === 'BUY' ? takerMicros : makerMicros;
  const take = (orderId: string): PlaceReply => {
    const request = requests.get(orderId);
    if (request === undefined) return reply(400, { error: 'invalid signature' });
    if (taken.has(orderId)) return reply(400, { error: `order ${orderId} is invalid. Duplicated.` });
    taken.set(orderId, { request, sends: 1 });
    return reply(200, {
      success: true,
      errorMsg: '',
      orderID: orderId,
      status: 'matched',
      makingAmount: String(request.makerMicros),
      takingAmount: String(request.takerMicros),
      tradeIDs: [`t-${orderId.slice(2, 8)}`],
    });
  };
  const answerable = (): void => {
    if (away) throw new VenueError('the exchange does not answer');
  };
  const fillOf = (orderId: string, request: OrderRequest): VenueFill => ({
    tradeId: `t-${orderId.slice(2, 8)}`,
    orderId,
    tokenId: request.tokenId,
    conditionId: `0x${'c'.repeat(64)}`,
    side: request.side,
    sizeMicros: shares(sizeOf(request)),
    priceMicros: price(500_000n),
    liquidity: 'TAKER',
    status: 'MATCHED',
    matchedAt: HOUR_AGO,
    transactionHash: '',
  });

  const port: ExchangePort = {
    venueVersion: 2,
    serverTime: async () => new Date(),
    orderIdOf: idOf,
    sign: async (order) => {
      const orderId = idOf(order);
      requests.set(orderId, order);
      return { orderId, order: '{}', orderType: order.orderType, postOnly: order.postOnly };
    },
    place: async ({ orderId }) => {
      posts.push(orderId);
      const trouble = troubles.shift();
      if (trouble === 'restarting') return reply(425, { error: 'service not ready' }, 200);
      if (trouble === 'failed-before') return reply(500, { error: 'could not insert order' });
      if (trouble === 'rejected')
        return reply(400, { error: 'not enough balance / allowance: the balance is not enough' });
      if (trouble === 'killed')
        return reply(400, {
          error: 'no orders found to match with FAK order. FAK orders are partially filled or killed.',
        });
      const answer = take(orderId);
      if (trouble === 'dropped') return { kind: 'no-reply', cause: 'connection' };
      if (trouble === 'other-id') {
        const other = { success: true, status: 'live', orderID: `0x${'e'.repeat(64)}`, tradeIDs: [] };
        return reply(200, other);
      }
      if (trouble === 'failed-after') return reply(500, { error: 'could not run the execution' });
      return answer;
    },
    order: async (orderId) => {
      answerable();
      const found = taken.get(orderId);
      if (found === undefined || blind) return null;
      const size = shares(sizeOf(found.request));
      const order: VenueOrder = {
        orderId,
        tokenId: found.request.tokenId,
        status,
        side: found.request.side,
        originalSizeMicros: size,
        sizeMatchedMicros: status === 'MATCHED' ? size : shares(0n),
        priceMicros: price(500_000n),
        tradeIds: status === 'MATCHED' ? [`t-${orderId.slice(2, 8)}`] : [],
      };
      return order;
    },
    openOrders: async () => [],
    fills: async () => {
      answerable();
      if (blind || status !== 'MATCHED') return [];
      return [...taken].map(([orderId, { request }]) => fillOf(orderId, request));
    },
    balance: async () => ({ balanceMicros: 0n, allowances: new Map() }),
    refreshBalance: async ({ kind }) => void refreshed.push(kind),
    cancel: async (orderIds) => {
      answerable();
      cancels.push(...orderIds);
      return { canceled: [], notCanceled: new Map(orderIds.map((id) => [id, refusesToCancel])) };
    },
    cancelAll: async () => {
      cancels.push('all');
      return { canceled: [], notCanceled: new Map() };
    },
    heartbeat: async () => 'beat',
    closedOnly: async () => false,
    close: async () => undefined,
  };
  const wallet = `0x${'7'.repeat(40)}`;
  const venue: Venue = { port, wallet, versionKnown: true, canSign: true, detail: 'test' };
  return {
    port,
    venue,
    taken,
    posts,
    cancels,
    /** The kinds of things whose balance it was asked to look at again. */
    refreshed,
    troubles,
    goAway: (is: boolean): void => {
      away = is;
    },
    /** Whether its lists show nothing of what it has. */
    goBlind: (is: boolean): void => {
      blind = is;
    },
    /** What it says of the orders that it has, and of those that are to be cancelled. */
    say: (said: { readonly status?: VenueOrder['status']; readonly notCanceled?: string }): void => {
      status = said.status ?? status;
      refusesToCancel = said.notCanceled ?? refusesToCancel;
    },
  };
}
