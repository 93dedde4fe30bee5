import { formatMicros } from '@slipstream/money';
import type { Refusal } from './types.ts';

const refused = (status: number, error: string): Refusal => ({ kind: 'refused', status, error });
const invalid = (id: string, why: string): Refusal => refused(400, `order ${id} is invalid. ${why}`);

/** A batch with such an order in it is refused as a whole. */
const ofRequest = (refusal: Refusal): Refusal => ({ ...refusal, isOfRequest: true });

const NOT_ENOUGH = 'not enough balance / allowance';
/** Seconds that the post-only time after a restart is told to last. */
const POST_ONLY_RETRY_S = 120;

/** Every way in which an order is refused, in the exchange's own words. Source: polymarket §2.4, §12 A3. */
export const REFUSALS = {
  tick: (id: string, price: string, tickMicros: bigint) =>
    invalid(id, `Price (${price}) breaks minimum tick size rule: ${formatMicros(tickMicros)}`),
  minSize: (id: string, sizeMicros: bigint, leastMicros: bigint) =>
    invalid(id, `Size (${formatMicros(sizeMicros)}) lower than the minimum: ${formatMicros(leastMicros)}`),
  duplicated: (id: string) => invalid(id, 'Duplicated.'),
  payload: refused(400, 'Invalid order payload'),
  version: refused(400, 'order_version_mismatch'),
  owner: ofRequest(refused(400, 'the order owner has to be the owner of the API KEY')),
  signer: ofRequest(refused(400, 'the order signer address has to be the address of the API KEY')),
  signature: refused(400, 'invalid signature'),
  proxySignature: refused(400, 'invalid POLY_PROXY signature'),
  depositWalletOnly: refused(400, 'maker address not allowed, please use the deposit wallet flow'),
  marketableMinimum: (dollarsMicros: bigint) =>
    refused(400, `invalid amount for a marketable BUY order ($${formatMicros(dollarsMicros)}), min size: $1`),
  decimals: (kind: string, makerPlaces: number, takerPlaces: number) =>
    refused(
      400,
      `invalid amounts, the ${kind} orders maker amount supports a max accuracy of ${makerPlaces} decimals, taker amount a max of ${takerPlaces} decimals`,
    ),
  expiration: refused(400, 'invalid expiration'),
  crosses: refused(400, 'invalid post-only order: order crosses book'),
  fokKilled: refused(400, "order couldn't be fully filled. FOK orders are fully filled or killed."),
  fakKilled: refused(
    400,
    'no orders found to match with FAK order. FAK orders are partially filled or killed if no match is found.',
  ),
  balance: (balance: bigint, active: bigint, matched: bigint, amount: bigint) =>
    refused(
      400,
      active + matched === 0n
        ? `${NOT_ENOUGH}: the balance is not enough -> balance: ${balance}, order amount: ${amount}`
        : `${NOT_ENOUGH}: the balance is not enough -> balance: ${balance}, sum of active orders: ${active}, sum of matched orders: ${matched}, order amount: ${amount}`,
    ),
  allowance: (spender: string, allowance: bigint, matched: bigint, amount: bigint) =>
    refused(
      400,
      `${NOT_ENOUGH}: the allowance is not enough -> spender: ${spender}, allowance: ${allowance}, sum of matched orders: ${matched}, order amount (inc. fees): ${amount}`,
    ),
  banned: (address: string) => ofRequest(refused(400, `'${address}' address banned`)),
  closedOnly: (address: string) => ofRequest(refused(400, `'${address}' address in closed only mode`)),
  notReady: refused(400, 'the market is not yet ready to process new orders'),
  noBook: refused(404, 'No orderbook exists for the requested token id'),
  noMarket: refused(404, 'market not found'),
  cancelOnly: ofRequest(
    refused(503, 'Trading is currently cancel-only. New orders are not accepted, but cancels are allowed.'),
  ),
  disabled: ofRequest(refused(503, 'Trading is currently disabled. Check polymarket.com for updates')),
  postOnly: {
    ...refused(503, 'post-only mode: only post-only orders and cancels are allowed'),
    code: 'post_only_mode',
    retryAfterS: POST_ONLY_RETRY_S,
  },
} as const;

/** Why an id could not be cancelled. Source: polymarket §2.3. */
export const NOT_CANCELED = {
  matched: 'order already matched',
  unknown: 'Order not found or already canceled',
  delayed: 'order is delayed and cannot be canceled while pending',
} as const;
