import {
  mulDiv,
  notional,
  type PriceMicros,
  type ShareMicros,
  shares,
  type UsdMicros,
  usd,
} from '@slipstream/money';
import type { MarketResolved } from '@slipstream/proto';
import type { DecisionInputs } from '../inputs.ts';
import { ALL, Carried, leaderKey, marketKey, Sums } from './carried.ts';

/** Whose position, in what. */
type Holding = Pick<DecisionInputs['group'], 'leaderId' | 'tokenId' | 'conditionId'>;

type Held = Holding & {
  sharesMicros: bigint;
  /** What the shares held cost, fees apart; of those from before, what they were worth when first marked. */
  costMicros: bigint;
  /** At the last mark; null while there never was one. */
  worthMicros: bigint | null;
};

const keyOf = (leaderId: string, tokenId: string): string => `${leaderId} ${tokenId}`;

/**
 * Simulated positions of one account, by average cost and at the last mark, with their sums by market and leader, so
 * that a step costs what it changes and not what is held. Units: micros. Errors: none. Source: domain rules §7.
 */
export class Holdings {
  readonly #all = new Map<string, Held>();
  readonly #byToken = new Map<string, Held[]>();
  readonly #marks = new Map<string, PriceMicros>();
  readonly #carried = new Carried();
  readonly #sums = new Sums();
  #realized = 0n;
  #unrealized = 0n;

  /** What was held before anything was decided here is worth this much in all. */
  begin(worthMicros: UsdMicros): void {
    this.#carried.begin(worthMicros);
  }

  /** What is recorded of a market, leader or position that is met for the first time was there before. */
  meet(inputs: Pick<DecisionInputs, 'group' | 'exposure' | 'position'>): void {
    this.#carried.meet(inputs);
    const { leaderId, tokenId } = inputs.group;
    if (!this.#all.has(keyOf(leaderId, tokenId))) this.#open(inputs.group, inputs.position.sharesMicros);
  }

  mark(tokenId: string, markMicros: PriceMicros): void {
    this.#marks.set(tokenId, markMicros);
    for (const held of this.#byToken.get(tokenId) ?? []) this.#change(held, () => undefined);
  }

  buy(holding: Holding, sizeMicros: ShareMicros, notionalMicros: UsdMicros): void {
    const held = this.#heldOf(holding);
    this.#change(held, () => {
      held.sharesMicros += sizeMicros;
      held.costMicros += notionalMicros;
    });
  }

  sell(holding: Holding, sizeMicros: ShareMicros, notionalMicros: UsdMicros): void {
    const held = this.#heldOf(holding);
    this.#change(held, () => this.#close(held, sizeMicros, notionalMicros));
  }

  /** Pays out every position in the condition, each floored, and says how much cash came of it. */
  settle({ conditionId, payouts }: MarketResolved): UsdMicros {
    let cash = 0n;
    for (const { tokenId, numerator, denominator } of payouts)
      for (const held of this.#byToken.get(tokenId) ?? []) {
        if (held.sharesMicros === 0n || held.conditionId !== conditionId) continue;
        const paid = mulDiv(held.sharesMicros, BigInt(numerator), BigInt(denominator), 'down');
        if (held.worthMicros === null) this.#adopt(held, paid);
        this.#change(held, () => this.#close(held, held.sharesMicros, paid));
        cash += paid;
      }
    return usd(cash);
  }

  sharesOf(leaderId: string, tokenId: string): ShareMicros {
    return shares(this.#all.get(keyOf(leaderId, tokenId))?.sharesMicros ?? 0n);
  }

  /** Everything at its mark, floored position by position; also the exposure, since nothing is ever sold short. */
  worth(): UsdMicros {
    return this.#worthOf(ALL);
  }

  ofMarket(conditionId: string): UsdMicros {
    return this.#worthOf(marketKey(conditionId));
  }

  ofLeader(leaderId: string): UsdMicros {
    return this.#worthOf(leaderKey(leaderId));
  }

  /** Realised and unrealised, fees apart. */
  earned(): UsdMicros {
    return usd(this.#realized + this.#unrealized);
  }

  /** Positions that never had a mark: they are worth what was recorded of them at the beginning, if anything. */
  unpriced(): number {
    return [...this.#all.values()].filter((held) => held.worthMicros === null && held.sharesMicros > 0n)
      .length;
  }

  #worthOf(key: string): UsdMicros {
    return usd(this.#sums.of(key) + this.#carried.of(key));
  }

  #heldOf(holding: Holding): Held {
    return this.#all.get(keyOf(holding.leaderId, holding.tokenId)) ?? this.#open(holding, 0n);
  }

  #open({ leaderId, tokenId, conditionId }: Holding, sharesMicros: bigint): Held {
    const held: Held = { leaderId, tokenId, conditionId, sharesMicros, costMicros: 0n, worthMicros: null };
    this.#all.set(keyOf(leaderId, tokenId), held);
    this.#byToken.set(tokenId, [...(this.#byToken.get(tokenId) ?? []), held]);
    this.#change(held, () => undefined);
    return held;
  }

  /** Changes a position, values it anew, and keeps the sums. */
  #change(held: Held, by: () => void): void {
    const mark = this.#marks.get(held.tokenId);
    const worth = (): bigint | null =>
      mark === undefined ? held.worthMicros : notional(shares(held.sharesMicros), mark, 'down');
    if (held.worthMicros === null && mark !== undefined) this.#adopt(held, worth() ?? 0n);
    this.#count(held, -1n);
    by();
    held.worthMicros = held.sharesMicros === 0n && held.worthMicros !== null ? 0n : worth();
    this.#count(held, 1n);
  }

  /** What was held before is followed from its first mark on, at the cost of what it was worth. */
  #adopt(held: Held, worthMicros: bigint): void {
    held.costMicros += this.#carried.release(held, worthMicros);
    held.worthMicros = worthMicros;
    this.#count(held, 1n);
  }

  /** Ends a part of a position for what it brings; the rounding stays in the cost that is left. */
  #close(held: Held, part: bigint, proceeds: bigint): void {
    const isAll = part === held.sharesMicros;
    const cost = isAll ? held.costMicros : mulDiv(held.costMicros, part, held.sharesMicros, 'down');
    held.sharesMicros -= part;
    held.costMicros -= cost;
    this.#realized += proceeds - cost;
  }

  #count(held: Held, sign: 1n | -1n): void {
    if (held.worthMicros === null) return;
    this.#unrealized += sign * (held.worthMicros - held.costMicros);
    for (const key of [ALL, marketKey(held.conditionId), leaderKey(held.leaderId)])
      this.#sums.add(key, sign * held.worthMicros);
  }
}
