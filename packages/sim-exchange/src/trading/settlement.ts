import type { Clock } from '@slipstream/runtime';
import type { Accounts, Movement } from './accounts.ts';
import type { TradingSwitches } from './switches.ts';
import type { KeptTrade, TradeStatus } from './types.ts';

/** Trades kept; past it the oldest go. */
const TRADES_MAX = 200_000;

export type SettlementParts = {
  readonly clock: Clock;
  readonly nowMs: () => number;
  readonly accounts: Accounts;
  readonly switches: TradingSwitches;
  /** Told of every new status of a trade, the first included. */
  readonly tell: (trade: KeptTrade) => void;
  /** Told once a trade's money has moved. */
  readonly moved: (trade: KeptTrade) => void;
};

type Pending = {
  readonly hash: string;
  readonly movements: readonly Movement[];
  readonly slowHash: boolean;
  readonly isReverted: boolean;
};

/** One step of a trade's way, so many milliseconds after the match. */
type Step = { readonly status: TradeStatus; readonly afterMs: number };

/** The way that a trade goes from MATCHED on. A retry costs the time of another transaction. */
function stepsOf({ settlement, minedAfterMs, confirmedAfterMs }: TradingSwitches): readonly Step[] {
  const confirmed = Math.max(confirmedAfterMs, minedAfterMs);
  switch (settlement) {
    case 'normal':
      return [
        { status: 'MINED', afterMs: minedAfterMs },
        { status: 'CONFIRMED', afterMs: confirmed },
      ];
    case 'unbroadcast':
      return [
        { status: 'MATCHED', afterMs: Math.floor(minedAfterMs / 2) },
        { status: 'MINED', afterMs: minedAfterMs },
        { status: 'CONFIRMED', afterMs: confirmed },
      ];
    case 'retrying':
      return [
        { status: 'RETRYING', afterMs: minedAfterMs },
        { status: 'MINED', afterMs: 2 * minedAfterMs },
        { status: 'CONFIRMED', afterMs: minedAfterMs + confirmed },
      ];
    case 'failed':
      return [{ status: 'FAILED', afterMs: minedAfterMs }];
    case 'reverted':
      return [
        { status: 'MINED', afterMs: minedAfterMs },
        { status: 'FAILED', afterMs: confirmed },
      ];
    default:
      settlement satisfies never;
      return [];
  }
}

const backwards = (movement: Movement): Movement => ({
  ...movement,
  cashMicros: -movement.cashMicros,
  sharesMicros: -movement.sharesMicros,
});

/**
 * Trades and what becomes of them. Whoever gives is bound from the match on, and money moves when a trade is mined.
 * Nobody can give away what came of a trade that fails: of one that is never mined nothing comes, and of one that will
 * be reverted it is bound until then.
 */
export class Settlement {
  readonly #parts: SettlementParts;
  readonly #trades = new Map<string, KeptTrade>();

  constructor(parts: SettlementParts) {
    this.#parts = parts;
  }

  get(id: string): KeptTrade | undefined {
    return this.#trades.get(id);
  }

  all(): readonly KeptTrade[] {
    return [...this.#trades.values()];
  }

  /** Takes a new trade on its way, as the switches are now. */
  begin(trade: KeptTrade, hash: string, movements: readonly Movement[]): void {
    const { accounts, switches, tell } = this.#parts;
    const { slowHash, settlement } = switches;
    for (const movement of movements) accounts.hold(movement);
    const first: KeptTrade =
      settlement === 'unbroadcast' ? { ...trade, status: 'MATCHED_NOT_BROADCASTED' } : trade;
    this.#keep(first);
    tell(first);
    this.#arm(
      trade.id,
      { hash, movements, slowHash, isReverted: settlement === 'reverted' },
      stepsOf(switches),
    );
  }

  #keep(trade: KeptTrade): void {
    this.#trades.set(trade.id, trade);
    if (this.#trades.size <= TRADES_MAX) return;
    for (const id of this.#trades.keys()) {
      this.#trades.delete(id);
      return;
    }
  }

  /** One deadline at a time, so that no step overtakes the one before. */
  #arm(id: string, pending: Pending, [step, ...rest]: readonly Step[]): void {
    const trade = this.#trades.get(id);
    if (step === undefined || trade === undefined) return;
    this.#parts.clock.at(new Date(trade.matchedAtMs + step.afterMs), `trade:${id}`, async () => {
      this.#reach(trade, step.status, pending);
      this.#arm(id, pending, rest);
    });
  }

  #reach(before: KeptTrade, status: TradeStatus, pending: Pending): void {
    const { nowMs, tell, moved } = this.#parts;
    const moves = status === 'MINED' || (status === 'FAILED' && pending.isReverted);
    if (status === 'MINED') this.#move(before, pending);
    if (status === 'FAILED') this.#undo(before, pending);
    const hasHash = status === 'CONFIRMED' || (status === 'MINED' && !pending.slowHash);
    const trade = {
      ...before,
      status,
      updatedAtMs: nowMs(),
      transactionHash: hasHash ? pending.hash : before.transactionHash,
    };
    this.#keep(trade);
    tell(trade);
    if (moves) moved(trade);
  }

  #move({ feeMicros }: KeptTrade, { movements, isReverted }: Pending): void {
    const { accounts } = this.#parts;
    accounts.apply(movements, feeMicros);
    if (isReverted) for (const movement of movements) accounts.hold(backwards(movement));
  }

  #undo({ feeMicros }: KeptTrade, { movements, isReverted }: Pending): void {
    const { accounts } = this.#parts;
    if (isReverted) accounts.apply(movements.map(backwards), -feeMicros);
    else for (const movement of movements) accounts.release(movement);
  }
}
