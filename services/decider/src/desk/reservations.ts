import { type ShareMicros, shares, type UsdMicros, usd } from '@slipstream/money';
import { type AccountName, accountKeyOf } from '../core/route.ts';

/** What one of our executed attempts may still take, until the portfolio says that it is final. */
export type Reservation = AccountName & {
  readonly attemptId: string;
  readonly leaderId: string;
  readonly tokenId: string;
  readonly conditionId: string;
  readonly cashMicros: UsdMicros;
  readonly sharesMicros: ShareMicros;
};

/**
 * Everything that we have decided and the ledger does not show yet, of each account apart. Sums are kept, so that a
 * burst stays cheap.
 */
export type Reservations = {
  /** Adding an attempt again changes nothing. */
  add(reservation: Reservation): void;
  release(attemptIds: readonly string[]): void;
  attemptIds(account: AccountName): readonly string[];
  cashOf(account: AccountName): UsdMicros;
  sharesOf(account: AccountName, leaderId: string, tokenId: string): ShareMicros;
  /** What open buys may still add to the exposure of a market, or of what we hold from a leader. */
  marketOf(account: AccountName, conditionId: string): UsdMicros;
  leaderOf(account: AccountName, leaderId: string): UsdMicros;
  clear(): void;
};

/** The part of an account that is of one market, of one leader, or of one leader's token. */
const keyIn = (account: AccountName, ...part: readonly string[]): string =>
  [accountKeyOf(account), ...part].join(' ');

/** Sums by key; one that comes to nothing is forgotten. */
function createSums() {
  const sums = new Map<string, bigint>();
  return {
    add: (key: string, amount: bigint): void => {
      const after = (sums.get(key) ?? 0n) + amount;
      if (after === 0n) sums.delete(key);
      else sums.set(key, after);
    },
    of: (key: string): bigint => sums.get(key) ?? 0n,
    clear: () => sums.clear(),
  };
}

export function createReservations(): Reservations {
  const byId = new Map<string, Reservation>();
  const [cash, held, markets, leaders] = [createSums(), createSums(), createSums(), createSums()];

  const book = (reservation: Reservation, sign: 1n | -1n): void => {
    const { leaderId, tokenId, conditionId, cashMicros, sharesMicros } = reservation;
    cash.add(keyIn(reservation), sign * cashMicros);
    markets.add(keyIn(reservation, conditionId), sign * cashMicros);
    leaders.add(keyIn(reservation, leaderId), sign * cashMicros);
    held.add(keyIn(reservation, leaderId, tokenId), sign * sharesMicros);
  };

  return {
    add: (reservation) => {
      if (byId.has(reservation.attemptId)) return;
      byId.set(reservation.attemptId, reservation);
      book(reservation, 1n);
    },
    release: (attemptIds) => {
      for (const attemptId of attemptIds) {
        const reservation = byId.get(attemptId);
        if (reservation === undefined) continue;
        byId.delete(attemptId);
        book(reservation, -1n);
      }
    },
    attemptIds: ({ mode, scope }) =>
      [...byId.values()].filter((r) => r.mode === mode && r.scope === scope).map((r) => r.attemptId),
    cashOf: (account) => usd(cash.of(keyIn(account))),
    sharesOf: (account, leaderId, tokenId) => shares(held.of(keyIn(account, leaderId, tokenId))),
    marketOf: (account, conditionId) => usd(markets.of(keyIn(account, conditionId))),
    leaderOf: (account, leaderId) => usd(leaders.of(keyIn(account, leaderId))),
    clear: () => {
      byId.clear();
      for (const sums of [cash, held, markets, leaders]) sums.clear();
    },
  };
}
