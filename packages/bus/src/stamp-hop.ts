import { HEADERS } from '@slipstream/proto';
import { stamp } from '@slipstream/runtime';
import { formatHops, parseHops } from './hops.ts';
import type { OutboxMessage } from './types.ts';

/**
 * The same message with one more hop in its header: for a moment after the commit that stored it, such as the one
 * when it is handed to the relay. What is stored stays as it was. Units: microseconds by the machine's clock.
 */
export function stampHop<M extends OutboxMessage>(message: M, name: string, atMicros: number = stamp()): M {
  const hops = parseHops(message.headers[HEADERS.hops] ?? '');
  return {
    ...message,
    headers: { ...message.headers, [HEADERS.hops]: formatHops({ ...hops, [name]: atMicros }) },
  };
}
