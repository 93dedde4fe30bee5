import type { ExchangePort } from '@slipstream/exchange';
import type { HeldBecause } from './core/outcome.ts';
import { holdAfter, NO_HOLD } from './core/patience.ts';

/** How the key holder stands with the exchange right now. */
export type Venue = {
  /** Null: it has no key and no address, or the venue speaks a version that we do not know. */
  readonly port: ExchangePort | null;
  /** Whose money moves, in lower case; null: nobody is configured. */
  readonly wallet: string | null;
  readonly versionKnown: boolean;
  /** Key and API credentials are there. */
  readonly canSign: boolean;
  /** In words for a person, when something is missing. */
  readonly detail: string;
};

/** When the exchange may be spoken to again after it asked for patience: its restarts and its limits. */
export type Gate = {
  readonly openAt: () => Date;
  /** Keeps what comes back, as long as it is asked to or longer each time. Gives when it is open again. */
  readonly hold: (why: HeldBecause, retryAfterMs: number | null, now: Date) => Date;
  /** It took or judged an order again: the next wait is a first one. */
  readonly passed: () => void;
};

export function createGate(): Gate {
  let hold = NO_HOLD;
  const openAt = (): Date => new Date(hold.untilMs);
  return {
    openAt,
    hold: (why, retryAfterMs, now) => {
      hold = holdAfter(hold, why, retryAfterMs, now.getTime());
      return openAt();
    },
    passed: () => {
      hold = { ...hold, waitMs: 0 };
    },
  };
}
