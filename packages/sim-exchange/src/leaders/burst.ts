import { parseMicros } from '@slipstream/money';
import type { Activity } from '../venue/activity.ts';
import type { Venue } from '../venue/venue.ts';
import type { Burst } from '../wire/admin.ts';
import type { Traders } from './traders.ts';

/** Trades made on request, all at this instant, some to a transaction. Errors: RangeError when no book offers any. */
export function makeBurst(venue: Venue, traders: Traders, burst: Burst, nowMs: number): Activity[] {
  const tokens = [...venue.markets.values()]
    .filter((m) => venue.book(m.tokenIds[0]) !== null)
    .map((m) => m.tokenIds[0]);
  const made: Activity[] = [];
  let transactionHash = '';
  for (let i = 0; i < burst.count; i++) {
    if (i % burst.perTransaction === 0) transactionHash = traders.nextHash();
    const tokenId = burst.tokenId ?? tokens[Math.floor(i / burst.perTransaction) % tokens.length];
    if (tokenId === undefined) throw new RangeError('no market has a book');
    const wish = { wallet: burst.wallet, tokenId, side: burst.side, transactionHash, atMs: nowMs };
    const activity = traders.make({ ...wish, notionalMicros: parseMicros(burst.notional) });
    if (activity !== null) made.push(activity);
  }
  return made;
}
