import { formatMicros } from '@slipstream/money';
import type { Traders } from './leaders/traders.ts';
import { bestAskOf } from './venue/book.ts';
import type { Venue } from './venue/venue.ts';
import type { Load } from './wire/admin.ts';

const TICK_MS = 10;
const SECOND_MS = 1_000;
/** Dollars of one trade: small enough that copies of a steady stream stay inside what the generated books offer. */
const NOTIONAL_MICROS = 100_000_000n;
const SIZE_STEP = 10_000n;

/** Trades at a steady rate, each in its own transaction, for measuring what the system sustains. */
export function startLoad(
  venue: Venue,
  traders: Traders,
  wallets: readonly string[],
  load: Load,
  nowMs: () => number,
): { stop(): void } {
  const markets = [...venue.markets.values()].filter((market) => venue.book(market.tokenIds[0]) !== null);
  const startedAt = performance.now();
  let made = 0;
  const makeOne = (): void => {
    const market = markets[made % markets.length];
    const wallet = wallets[Math.floor(made / markets.length) % wallets.length];
    const book = market && venue.book(market.tokenIds[0]);
    const ask = book ? bestAskOf(book.view) : null;
    made += 1;
    if (!market || wallet === undefined || ask === null) return;
    const size = ((NOTIONAL_MICROS * 1_000_000n) / ask / SIZE_STEP) * SIZE_STEP;
    venue.trade({
      wallet,
      tokenId: market.tokenIds[0],
      conditionId: market.conditionId,
      side: 'BUY',
      price: formatMicros(ask),
      size: formatMicros(size),
      transactionHash: traders.nextHash(),
      atMs: nowMs(),
    });
  };
  const timer = setInterval(() => {
    const due = Math.min(
      load.total,
      Math.floor(((performance.now() - startedAt) * load.tradesPerSecond) / SECOND_MS),
    );
    while (made < due) makeOne();
    if (made >= load.total) clearInterval(timer);
  }, TICK_MS);
  return { stop: () => clearInterval(timer) };
}
