import { most } from '@slipstream/money';
import { takerFeeMicros } from '../venue/fees.ts';
import type { Market } from '../venue/market.ts';
import type { Accounts } from './accounts.ts';
import { type Amounts, isMarketable } from './amounts.ts';
import { spendersOf } from './contracts.ts';
import type { Plan } from './engine.ts';
import { boundMicros } from './orders.ts';
import { REFUSALS } from './refusals.ts';
import type { TradingSwitches } from './switches.ts';
import { takerDollars } from './trades.ts';
import type { Asset, KeptOrder, Refusal, VerifiedOrder } from './types.ts';

/** A marketable buy is for at least so much. Source: polymarket §2.5. */
const MARKETABLE_BUY_LEAST_MICROS = 1_000_000n;
const DEPOSIT_WALLET = 3;

/** What stands against everybody's orders, or cancels. */
export function paused(what: 'orders' | 'cancels', switches: TradingSwitches): Refusal | null {
  if (switches.tradingDisabled) return REFUSALS.disabled;
  return what === 'orders' && switches.cancelOnly ? REFUSALS.cancelOnly : null;
}

/** What the exchange as a whole, or an account's standing, has against an order. */
export function standing(order: VerifiedOrder, switches: TradingSwitches): Refusal | null {
  const stopped = paused('orders', switches);
  if (stopped) return stopped;
  if (switches.postOnlyMode && !order.postOnly) return REFUSALS.postOnly;
  const banned = namedIn(switches.banned, order);
  if (banned !== undefined) return REFUSALS.banned(banned);
  const closed = namedIn(switches.closedOnly, order);
  if (closed !== undefined && order.side === 'BUY') return REFUSALS.closedOnly(closed);
  const isExempt = order.signatureType === undefined || order.signatureType === DEPOSIT_WALLET;
  const { depositWalletOnly } = switches;
  if (!isExempt && (depositWalletOnly.includes('*') || namedIn(depositWalletOnly, order) !== undefined))
    return REFUSALS.depositWalletOnly;
  return null;
}

/** The address of a list that an order is of: its wallet's, its signer's, or that of the key that posted it. */
const namedIn = (
  list: readonly string[],
  { maker, signer, keyAddress = signer }: VerifiedOrder,
): string | undefined => [maker, signer, keyAddress].find((address) => list.includes(address));

/** A market that an outcome is claimed of has no book any more; one that nobody has quoted yet is not ready. */
export function readyMarket(market: Market | undefined, hasBook: boolean): Market | Refusal {
  if (market === undefined) return REFUSALS.noBook;
  if (market.state !== 'open') return REFUSALS.noMarket;
  return hasBook ? market : REFUSALS.notReady;
}

/** What the book has against an order. */
export function meeting(order: VerifiedOrder, amounts: Amounts, plan: Plan): Refusal | null {
  const meets = plan.fills.length > 0;
  if (order.postOnly && meets) return REFUSALS.crosses;
  const isBuy = order.side === 'BUY' && (meets || isMarketable(order));
  if (isBuy && amounts.dollarsMicros < MARKETABLE_BUY_LEAST_MICROS)
    return REFUSALS.marketableMinimum(amounts.dollarsMicros);
  return null;
}

/** FAK and FOK orders that find too little are killed. */
export function killed(order: VerifiedOrder, plan: Plan): Refusal | null {
  if (order.orderType === 'FAK' && plan.fills.length === 0) return REFUSALS.fakKilled;
  if (order.orderType === 'FOK' && !plan.isFull) return REFUSALS.fokKilled;
  return null;
}

/** The most that an order costs its wallet: what it is for, and what it meets, each with fees. */
function needed(order: KeptOrder, market: Market, plan: Plan): bigint {
  if (order.side === 'SELL') return order.makerMicros;
  if (plan.fills.length === 0) return order.makerMicros;
  // Version 1 took it out of the shares.
  const fee = order.version === 1 ? 0n : takerFeeMicros(market, order.originalMicros, order.priceMicros);
  const rest = isMarketable(order)
    ? 0n
    : boundMicros({ ...order, matchedMicros: order.matchedMicros + plan.sizeMicros });
  return most(order.makerMicros + fee, takerDollars(plan.drafts, 'BUY') + rest);
}

/** What the wallet has against an order: too little balance, or a contract that may not move it. */
export function shortage(
  order: KeptOrder,
  market: Market,
  plan: Plan,
  { accounts, chainId }: { readonly accounts: Accounts; readonly chainId: number },
): Refusal | null {
  const asset: Asset =
    order.side === 'BUY' ? { kind: 'collateral' } : { kind: 'token', tokenId: order.tokenId };
  const amount = needed(order, market, plan);
  const { balance, active, matched, free, allowances } = accounts.spendable(order.maker, asset);
  if (free < amount) return REFUSALS.balance(balance, active, matched, amount);
  for (const spender of spendersOf(order.version, market.negRisk, chainId)) {
    const allowance = allowances.get(spender) ?? 0n;
    if (allowance < matched + amount) return REFUSALS.allowance(spender, allowance, matched, amount);
  }
  return null;
}
