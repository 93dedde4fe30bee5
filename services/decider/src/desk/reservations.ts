import { type ShareMicros, shares, type UsdMicros, usd } from '@slipstream/money';
import type { TradingMode } from '@slipstream/proto';

/** What one of our executed attempts may still take, until the portfolio says that it is final. */
export type Reservation = {
  readonly attemptId: string;
  readonly mode: TradingMode;
  readonly leaderId: string;
  readonly tokenId: string;
  readonly conditionId: string;
  readonly cashMicros: UsdMicros;
  readonly sharesMicros: ShareMicros;
};

/** Everything that we have decided and the ledger does not show yet. Sums are kept, so that a burst stays cheap. */
export type Reservations = {
  /** Adding an attempt again changes nothing. */
  add(reservation: Reservation): void;
  release(attemptIds: readonly string[]): void;
  attemptIds(mode: TradingMode): readonly string[];
  cashOf(mode: TradingMode): UsdMicros;
  sharesOf(mode: TradingMode, leaderId: string, tokenId: string): ShareMicros;
  /** What open buys may still add to the exposure of a market, or of what we hold from a leader. */
  marketOf(mode: TradingMode, conditionId: string): UsdMicros;
  leaderOf(mode: TradingMode, leaderId: string): UsdMicros;
  clear(): void;
};

const positionKey = (mode: TradingMode, leaderId: string, tokenId: string): string =>
  `${mode} ${leaderId} ${tokenId}`;

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
    const { mode, leaderId, tokenId, conditionId, cashMicros, sharesMicros } = reservation;
    cash.add(mode, sign * cashMicros);
    markets.add(`${mode} ${conditionId}`, sign * cashMicros);
    leaders.add(`${mode} ${leaderId}`, sign * cashMicros);
    held.add(positionKey(mode, leaderId, tokenId), sign * sharesMicros);
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
    attemptIds: (mode) => [...byId.values()].filter((r) => r.mode === mode).map((r) => r.attemptId),
    cashOf: (mode) => usd(cash.of(mode)),
    sharesOf: (mode, leaderId, tokenId) => shares(held.of(positionKey(mode, leaderId, tokenId))),
    marketOf: (mode, conditionId) => usd(markets.of(`${mode} ${conditionId}`)),
    leaderOf: (mode, leaderId) => usd(leaders.of(`${mode} ${leaderId}`)),
    clear: () => {
      byId.clear();
      for (const sums of [cash, held, markets, leaders]) sums.clear();
    },
  };
}
