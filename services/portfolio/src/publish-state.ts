import type { PortfolioState } from '@slipstream/proto';
import type { Clock, Logger } from '@slipstream/runtime';

/** The least time between two states: a burst of bookings is told as one. */
const STATE_EVERY_MS = 250;
const STATE_RETRY_MS = 1_000;

export type StatePorts = {
  readonly clock: Pick<Clock, 'now' | 'at'>;
  readonly log: Logger;
  readonly states: (now: Date) => readonly PortfolioState[];
  readonly send: (state: PortfolioState) => Promise<unknown>;
};

/**
 * Tells the state of the accounts after bookings: at once when it has been quiet, otherwise when the time is over, and
 * always once more after the last booking. Nothing is stored: the next state replaces this one, and a start tells it anew.
 */
export function createStatePublisher(io: StatePorts): { readonly changed: () => void } {
  let nextAt = new Date(0);
  let armed = false;

  const arm = (due: Date): void => {
    armed = true;
    io.clock.at(due, 'state', publish);
  };

  const publish = async (): Promise<void> => {
    armed = false;
    const now = io.clock.now();
    nextAt = new Date(now.getTime() + STATE_EVERY_MS);
    try {
      for (const state of io.states(now)) await io.send(state);
    } catch (error) {
      io.log.warn({ error }, 'state.delayed');
      if (!armed) arm(new Date(io.clock.now().getTime() + STATE_RETRY_MS));
    }
  };

  return {
    changed: () => {
      if (armed) return;
      const now = io.clock.now();
      arm(nextAt > now ? nextAt : now);
    },
  };
}
