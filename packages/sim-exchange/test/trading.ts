import { type FakeClock, fakeClock } from '@slipstream/runtime';
import { MAX_ALLOWANCE } from '../src/trading/contracts.ts';
import { uuidFrom } from '../src/trading/ids.ts';
import { noTradingSwitches, type TradingSwitches } from '../src/trading/switches.ts';
import { createTrading, type Trading } from '../src/trading/trading.ts';
import type { OrderType, VerifiedOrder } from '../src/trading/types.ts';
import { hashFrom, type Market, type Side, walletFrom } from '../src/venue/market.ts';
import { Venue } from '../src/venue/venue.ts';
import { BEGIN, openMarket, viewOf } from './sim.ts';

const ONE = 1_000_000n;
const CENT = 10_000n;

export const ALICE = walletFrom('trading', 'alice');
export const BOB = walletFrom('trading', 'bob');
export const keyOf = (wallet: string): string => uuidFrom('key', wallet);

export type TestDesk = {
  readonly venue: Venue;
  readonly market: Market;
  readonly clock: FakeClock;
  readonly trading: Trading;
  readonly switches: TradingSwitches;
};

/** One market with a book around a bid of 45 and an ask of 47 cents, and two wallets that may trade everything. */
export function openDesk(
  more: {
    readonly switches?: Partial<TradingSwitches>;
    readonly market?: Partial<Market>;
    readonly empty?: boolean;
  } = {},
): TestDesk {
  const clock = fakeClock(BEGIN);
  const nowMs = (): number => clock.now().getTime();
  const venue = new Venue();
  const market: Market = { ...openMarket(), ...more.market };
  venue.addMarket(market);
  venue.replaceBook(
    market.tokenIds[0],
    more.empty ? viewOf({}, {}) : viewOf({ 44: 200, 45: 100 }, { 47: 100, 48: 200 }),
    nowMs(),
  );
  const switches = { ...noTradingSwitches(), ...more.switches };
  const trading = createTrading({ venue, clock, nowMs, chainId: 137, switches });
  for (const wallet of [ALICE, BOB]) {
    const [yes, no] = market.tokenIds;
    trading.fund(wallet, { cashMicros: 1_000n * ONE, tokens: { [yes]: 500n * ONE, [no]: 500n * ONE } });
    trading.approve(wallet, { spender: 'all', collateralMicros: MAX_ALLOWANCE, tokens: true });
  }
  return { venue, market, clock, trading, switches };
}

export type Wish = {
  readonly maker?: string;
  readonly tokenId: string;
  readonly side?: Side;
  /** Cents. */
  readonly at: number;
  readonly shares: number;
  readonly orderType?: OrderType;
  readonly postOnly?: boolean;
  readonly expirationS?: number;
  readonly version?: 1 | 2 | 3;
};

let salt = 0;

/** An order as a client would build it from a price and a size in whole hundredths of a share. */
export function anOrder(wish: Wish): VerifiedOrder {
  salt += 1;
  const maker = wish.maker ?? ALICE;
  const side = wish.side ?? 'BUY';
  const shares = BigInt(Math.round(wish.shares * 100)) * CENT;
  const dollars = (shares * BigInt(wish.at) * CENT) / ONE;
  return {
    id: hashFrom('order', String(salt)),
    version: wish.version ?? 2,
    owner: keyOf(maker),
    maker,
    signer: maker,
    tokenId: wish.tokenId,
    side,
    makerMicros: side === 'BUY' ? dollars : shares,
    takerMicros: side === 'BUY' ? shares : dollars,
    expirationS: wish.expirationS ?? 0,
    orderType: wish.orderType ?? 'GTC',
    postOnly: wish.postOnly ?? false,
  };
}
