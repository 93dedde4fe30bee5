import { type ShareMicros, shares, type UsdMicros, usd } from '@slipstream/money';
import type { TradingMode } from '@slipstream/proto';

/** What one of our executed attempts may still take, until the portfolio says that it is final. */
export type Reservation = {
  readonly attemptId: string;
  readonly mode: TradingMode;
  readonly leaderId: string;
  readonly tokenId: string;
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
  clear(): void;
};

const positionKey = (mode: TradingMode, leaderId: string, tokenId: string): string =>
  `${mode} ${leaderId} ${tokenId}`;

export function createReservations(): Reservations {
  const byId = new Map<string, Reservation>();
  const cash = new Map<TradingMode, bigint>();
  const held = new Map<string, bigint>();

  const book = ({ mode, leaderId, tokenId, cashMicros, sharesMicros }: Reservation, sign: 1n | -1n): void => {
    const key = positionKey(mode, leaderId, tokenId);
    cash.set(mode, (cash.get(mode) ?? 0n) + sign * cashMicros);
    const after = (held.get(key) ?? 0n) + sign * sharesMicros;
    if (after === 0n) held.delete(key);
    else held.set(key, after);
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
    cashOf: (mode) => usd(cash.get(mode) ?? 0n),
    sharesOf: (mode, leaderId, tokenId) => shares(held.get(positionKey(mode, leaderId, tokenId)) ?? 0n),
    clear: () => {
      byId.clear();
      cash.clear();
      held.clear();
    },
  };
}
