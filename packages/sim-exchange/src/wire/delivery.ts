/** What happens to events on their way to subscribers. Read at each event, so that a test may turn them at any time. */
export type DeliveryFaults = {
  /** Every n-th event is lost; 0 none, 1 all. */
  readonly missEvery: number;
  /** Every event comes this many times. */
  readonly repeat: number;
  /** Events come in pairs, the later one first. */
  readonly swapped: boolean;
  /** Milliseconds of the machine's clock that every event comes later. */
  readonly lagMs: number;
};

/** Carries events of one feed: loses, repeats, swaps and delays them as the faults say. */
export function openDelivery(faults: () => DeliveryFaults): (send: () => void) => void {
  let events = 0;
  let kept: (() => void) | null = null;
  return (send) => {
    const { missEvery, repeat, swapped, lagMs } = faults();
    events += 1;
    if (missEvery > 0 && events % missEvery === 0) return;
    const repeated = (): void => {
      for (let i = 0; i < repeat; i++) send();
    };
    const carried = lagMs > 0 ? () => void setTimeout(repeated, lagMs).unref() : repeated;
    if (swapped && kept === null) {
      kept = carried;
      return;
    }
    carried();
    kept?.();
    kept = null;
  };
}
