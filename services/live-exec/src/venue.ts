import type { ExchangePort } from '@slipstream/exchange';

/** How the key holder stands with the exchange right now. */
export type Venue = {
  /** Null: it has no key and no address, or the venue speaks a version that we do not know. */
  readonly port: ExchangePort | null;
  readonly versionKnown: boolean;
  /** Key and API credentials are there. */
  readonly canSign: boolean;
  /** In words for a person, when something is missing. */
  readonly detail: string;
};

/** When orders may be sent again after the exchange asked for patience: its restarts and its limits. */
export type Gate = {
  readonly openAt: () => Date;
  /** Keeps orders back until then; an earlier instant than the one that stands changes nothing. */
  readonly closeUntil: (at: Date) => void;
};

export function createGate(): Gate {
  let openAt = new Date(0);
  return {
    openAt: () => openAt,
    closeUntil: (at) => {
      if (at > openAt) openAt = at;
    },
  };
}
