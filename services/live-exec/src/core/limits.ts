import type { PriceMicros, UsdMicros } from '@slipstream/money';

/** What the key holder never does, whatever anybody asks of it. Set by its own environment alone. */
export type HardLimits = {
  /** Dollars that one order may move. */
  readonly orderMicros: UsdMicros;
  /** Dollars that the orders of twenty-four hours may move together. */
  readonly dayMicros: UsdMicros;
  readonly openOrders: number;
  readonly priceMinMicros: PriceMicros;
  readonly priceMaxMicros: PriceMicros;
};

/** What is known of the wallet's orders at the moment of the claim. */
export type Usage = { readonly dayMicros: bigint; readonly openOrders: number };

/** Names the limit that an order would break; null when it breaks none. Source: domain rules §6, 7. */
export function brokenLimit(
  order: { readonly notionalMicros: bigint; readonly priceMicros: bigint },
  usage: Usage,
  limits: HardLimits,
): 'order' | 'day' | 'openOrders' | 'price' | null {
  if (order.notionalMicros > limits.orderMicros) return 'order';
  if (usage.dayMicros + order.notionalMicros > limits.dayMicros) return 'day';
  if (usage.openOrders + 1 > limits.openOrders) return 'openOrders';
  if (order.priceMicros < limits.priceMinMicros || order.priceMicros > limits.priceMaxMicros) return 'price';
  return null;
}
