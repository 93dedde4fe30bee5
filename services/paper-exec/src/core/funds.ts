import { type ShareMicros, shares, type UsdMicros, usd } from '@slipstream/money';
import type { Side } from '@slipstream/proto';

/** What one of our fills does to the account and to one leader's position. */
export type Effect = {
  readonly fillId: string;
  readonly scope: string;
  readonly leaderId: string;
  readonly tokenId: string;
  readonly cashDeltaMicros: UsdMicros;
  readonly shareDeltaMicros: ShareMicros;
};

type Executed = {
  readonly fillId: string;
  readonly scope: string;
  readonly leaderId: string;
  readonly tokenId: string;
  readonly side: Side;
  readonly sizeMicros: ShareMicros;
  readonly notionalMicros: UsdMicros;
  readonly feeMicros: UsdMicros;
};

/** BUY: out go the notional and the fee, in come the shares; SELL the reverse, the fee out of the proceeds. */
export function effectOf({ fillId, scope, leaderId, tokenId, side, ...fill }: Executed): Effect {
  const buying = side === 'BUY';
  return {
    fillId,
    scope,
    leaderId,
    tokenId,
    cashDeltaMicros: usd((buying ? -fill.notionalMicros : fill.notionalMicros) - fill.feeMicros),
    shareDeltaMicros: shares(buying ? fill.sizeMicros : -fill.sizeMicros),
  };
}

/** Key of one leader's position in one token. Ids hold no space. */
export const holdingKey = (scope: string, leaderId: string, tokenId: string): string =>
  `${scope} ${leaderId} ${tokenId}`;

/** Cash by scope and shares by `holdingKey`, as the ledger has them. A scope without an account has no entry. */
export type Booked = {
  readonly cash: ReadonlyMap<string, UsdMicros>;
  readonly shares: ReadonlyMap<string, ShareMicros>;
};

/** Cash and shares at one instant: what is booked, and our own fills that are not booked yet. */
export type Funds = {
  readonly cashOf: (scope: string) => UsdMicros | null;
  readonly heldBy: (scope: string, leaderId: string, tokenId: string) => ShareMicros;
  /** The same after one more fill. */
  readonly after: (effect: Effect) => void;
};

/**
 * A running account of one batch: it starts from the ledger plus the fills on their way to it, and every order of the
 * batch sees what those before it took. Holds its state inside; it lives as long as one transaction.
 */
export function openFunds(booked: Booked, unbooked: Iterable<Effect>): Funds {
  const cash = new Map(booked.cash);
  const held = new Map(booked.shares);
  const after = (effect: Effect): void => {
    const key = holdingKey(effect.scope, effect.leaderId, effect.tokenId);
    const before = cash.get(effect.scope);
    if (before !== undefined) cash.set(effect.scope, usd(before + effect.cashDeltaMicros));
    held.set(key, shares((held.get(key) ?? 0n) + effect.shareDeltaMicros));
  };
  for (const effect of unbooked) after(effect);
  return {
    cashOf: (scope) => cash.get(scope) ?? null,
    heldBy: (scope, leaderId, tokenId) => held.get(holdingKey(scope, leaderId, tokenId)) ?? shares(0n),
    after,
  };
}
