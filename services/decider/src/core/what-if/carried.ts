import { least } from '@slipstream/money';
import type { DecisionInputs } from '../inputs.ts';

/** Sums by key; one that was never added to is nothing. */
export class Sums {
  readonly #sums = new Map<string, bigint>();

  has(key: string): boolean {
    return this.#sums.has(key);
  }

  of(key: string): bigint {
    return this.#sums.get(key) ?? 0n;
  }

  add(key: string, amount: bigint): void {
    this.#sums.set(key, this.of(key) + amount);
  }
}

/** What is summed up: all, a market, or what is held from a leader. */
export const ALL = 'all';
export const marketKey = (conditionId: string): string => `market ${conditionId}`;
export const leaderKey = (leaderId: string): string => `leader ${leaderId}`;

/**
 * What was held before the first group: the decisions recorded its worth in all, by market and by leader, and not of
 * what it consisted. It stands still; a position leaves it for good when the first mark of its token makes it known.
 */
export class Carried {
  readonly #sums = new Sums();

  begin(worthMicros: bigint): void {
    this.#know(ALL, worthMicros);
  }

  /** The first record of a market or a leader is what was there before. */
  meet({ group, exposure }: Pick<DecisionInputs, 'group' | 'exposure'>): void {
    this.#know(marketKey(group.conditionId), exposure.market.bookedMicros);
    this.#know(leaderKey(group.leaderId), exposure.leader.bookedMicros);
  }

  /** Takes a position out, and says how much of its worth was in. */
  release(holding: { readonly conditionId: string; readonly leaderId: string }, worthMicros: bigint): bigint {
    this.#take(marketKey(holding.conditionId), worthMicros);
    this.#take(leaderKey(holding.leaderId), worthMicros);
    return this.#take(ALL, worthMicros);
  }

  of(key: string): bigint {
    return this.#sums.of(key);
  }

  #know(key: string, worthMicros: bigint): void {
    if (!this.#sums.has(key)) this.#sums.add(key, worthMicros);
  }

  #take(key: string, worthMicros: bigint): bigint {
    const taken = least(worthMicros, this.#sums.of(key));
    this.#sums.add(key, -taken);
    return taken;
  }
}
