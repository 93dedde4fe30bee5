import type { Bus } from '@slipstream/bus';
import {
  type AccountState,
  copyAccountLive,
  copyFillLive,
  type Fill,
  type OrderUpdate,
} from '@slipstream/proto';

/** A bus that remembers what was published, and refuses while it is told to. */
export function fakeBus() {
  const fills: Fill[] = [];
  const orders: OrderUpdate[] = [];
  const accounts: AccountState[] = [];
  let refusing = false;
  const publish: Bus['publish'] = async (channel, message) => {
    if (refusing) throw new Error('the bus is away');
    const wire: unknown = channel.schema.encode(message);
    if (channel.name === copyFillLive.name) fills.push(copyFillLive.schema.parse(wire));
    else if (channel.name === copyAccountLive.name) accounts.push(copyAccountLive.schema.parse(wire));
    else orders.push(channel.schema.parse(wire) as unknown as OrderUpdate);
    return { sequence: 1, duplicate: false };
  };
  return {
    publish,
    fills,
    orders,
    accounts,
    refuse: (yes: boolean): void => {
      refusing = yes;
    },
  };
}
