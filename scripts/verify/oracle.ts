import { parseMicrosRounded } from '@slipstream/money';
import type { Tape } from '@slipstream/sim-exchange';
import type { RecordedBook, RecordedTrade } from './recorded.ts';

const ONE = 1_000_000n;

type Levels = ReadonlyMap<bigint, bigint>;
const mirrored = (levels: Levels): Levels => new Map([...levels].map(([price, size]) => [ONE - price, size]));

/** The trades of the followed wallets, as the tape has them. */
export const recordedTrades = (tape: Tape, followed: ReadonlySet<string>): RecordedTrade[] =>
  tape.events.flatMap((event) =>
    event.kind === 'trade' && followed.has(event.wallet)
      ? [{ ...event, sizeMicros: parseMicrosRounded(event.size), occurredAt: new Date(event.atMs) }]
      : [],
  );

/**
 * Every state of the books of the tokens asked for, worked out here from the tape alone: deltas applied, and the other
 * outcome as the mirror.
 */
export function recordedBooks(tape: Tape, tokens: ReadonlySet<string>): RecordedBook[] {
  const other = new Map(tape.markets.flatMap(({ tokenIds: [a, b] }) => [[a, b] as const, [b, a] as const]));
  const current = new Map<string, { bids: Levels; asks: Levels }>();
  const states: RecordedBook[] = [];
  for (const event of tape.events) {
    if (event.kind !== 'book' && event.kind !== 'delta') continue;
    const opposite = other.get(event.tokenId) ?? '';
    if (!tokens.has(event.tokenId) && !tokens.has(opposite)) continue;
    const view = event.kind === 'book' ? event.view : changed(current.get(event.tokenId), event.changes);
    const mirror = { bids: mirrored(view.asks), asks: mirrored(view.bids) };
    current.set(event.tokenId, view);
    current.set(opposite, mirror);
    const since = new Date(event.atMs);
    states.push({ tokenId: event.tokenId, since, ...view }, { tokenId: opposite, since, ...mirror });
  }
  return states;
}

type Change = { readonly side: 'BUY' | 'SELL'; readonly priceMicros: bigint; readonly sizeMicros: bigint };

function changed(
  view: { bids: Levels; asks: Levels } | undefined,
  changes: readonly Change[],
): { bids: Levels; asks: Levels } {
  const bids = new Map(view?.bids);
  const asks = new Map(view?.asks);
  for (const { side, priceMicros, sizeMicros } of changes) {
    const levels = side === 'BUY' ? bids : asks;
    if (sizeMicros === 0n) levels.delete(priceMicros);
    else levels.set(priceMicros, sizeMicros);
  }
  return { bids, asks };
}
