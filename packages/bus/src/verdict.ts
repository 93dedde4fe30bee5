/** A handler throws this when no redelivery can ever help; the bus then sends the message to the dead letters. */
export class Poison extends Error {
  override name = 'Poison';
}

/** How a handler failed: the message is bad, something that we need is away, or neither is known. */
export type Failure = 'poison' | 'outage' | 'fault';

export type Verdict =
  | { readonly kind: 'nak'; readonly delayMs: number }
  | { readonly kind: 'dead'; readonly reason: 'poison' | 'exhausted' };

export type Patience = { readonly deliveriesMax: number; readonly backoffMs: readonly number[] };

/**
 * Deliveries without any verdict of ours (the process died, the broker restarted) count too, but with more patience:
 * they say nothing against the message until there are this many times more of them.
 */
const SILENT_DELIVERIES_FACTOR = 8;

/** The wait before the next delivery; the last one of the list repeats. */
const delayAfter = (deliveries: number, backoffMs: readonly number[]): number =>
  backoffMs[Math.min(deliveries, backoffMs.length) - 1] ?? 0;

/** What a failed delivery deserves; `deliveries` counts this one. Pure, so that the table of cases is a unit test. */
export function verdictOf(failure: Failure, deliveries: number, patience: Patience): Verdict {
  if (failure === 'poison') return { kind: 'dead', reason: 'poison' };
  if (failure === 'fault' && deliveries >= patience.deliveriesMax)
    return { kind: 'dead', reason: 'exhausted' };
  return { kind: 'nak', delayMs: delayAfter(deliveries, patience.backoffMs) };
}

/** Whether a message came so often without ever getting a verdict that it must be what kills its handlers. */
export const isSilentKiller = (deliveries: number, deliveriesMax: number): boolean =>
  deliveries > deliveriesMax * SILENT_DELIVERIES_FACTOR;
