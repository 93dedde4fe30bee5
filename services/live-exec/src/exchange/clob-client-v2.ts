import {
  getContractConfig,
  type OrderType,
  orderToJsonV2,
  Side,
  type SignedOrder,
} from '@polymarket/clob-client-v2';
import type { ExchangePort, OrderRequest } from '@slipstream/exchange';
import { orderDomain, orderMessage } from './order-typed-data.ts';
import { type ClientOptions, openClient, type VenueForm } from './trading-client.ts';

/**
 * Today's venue: order versions 2 and 3. Contracts and the form of the request are the official client's own. Orders
 * are built here and not by it: it takes prices and sizes as doubles, makes up its salt, and asks the venue for what
 * we know. What is signed is held against it in tests. Source: ADR 12.
 */
export function openClobClientV2(options: ClientOptions): ExchangePort {
  const contracts = getContractConfig(options.chainId);
  const contractOf = ({ version, negRisk }: OrderRequest): string => {
    if (version === 3) return contracts.exchangeV3;
    return negRisk ? contracts.negRiskExchangeV2 : contracts.exchangeV2;
  };
  const form: VenueForm = {
    venueVersion: 2,
    domainOf: (order) => {
      if (order.version === 1) throw new RangeError('this venue takes no order of version 1');
      return orderDomain(order.version, options.chainId, contractOf(order));
    },
    orderField: (order, trader, signature) => {
      const message = orderMessage(order, trader);
      const signed = {
        ...message,
        side: order.side === 'BUY' ? Side.BUY : Side.SELL,
        expiration: String(order.expirationS),
        signature,
      } as unknown as SignedOrder;
      return orderToJsonV2(signed as Parameters<typeof orderToJsonV2>[0], '', order.orderType as OrderType)
        .order;
    },
  };
  return openClient(options, form);
}
