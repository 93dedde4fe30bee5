import { describe, expect, test } from 'vitest';
import { ANNA, openMarket } from '../../test/sim.ts';
import { ALICE, anOrder, BOB, openDesk } from '../../test/trading.ts';
import { lastTradeOf } from '../wire/shapes.ts';
import { hashFrom } from './market.ts';
import { type Print, Venue } from './venue.ts';

const readable = ({ trade, side }: Print) => [trade.tokenId, trade.price, side, trade.transactionHash];

function printed(venue: Venue): Print[] {
  const prints: Print[] = [];
  venue.on('print', (print) => prints.push(print));
  return prints;
}

describe('the tape of a market', () => {
  const aVenue = () => {
    const venue = new Venue();
    const market = openMarket();
    venue.addMarket(market);
    const trade = (more: object) =>
      venue.trade({
        wallet: ANNA,
        tokenId: market.tokenIds[0],
        conditionId: market.conditionId,
        side: 'BUY',
        price: '0.4',
        size: '5',
        transactionHash: hashFrom('trade'),
        atMs: 1_000,
        ...more,
      });
    return { venue, market, trade };
  };

  test('prints a trade with the taker’s side', () => {
    const { venue, market, trade } = aVenue();
    const prints = printed(venue);
    trade({});
    trade({ isTaker: false });
    expect(prints.map(readable)).toEqual([
      [market.tokenIds[0], '0.4', 'BUY', hashFrom('trade')],
      [market.tokenIds[0], '0.4', 'SELL', hashFrom('trade')],
    ]);
  });

  test('shows the last trade to both tokens as one price and the side that goes with it', () => {
    const { market, trade } = aVenue();
    expect(lastTradeOf(market, market.tokenIds[0])).toEqual({ price: '0.5', side: '' });
    trade({});
    expect(market.tokenIds.map((token) => lastTradeOf(market, token))).toEqual([
      { price: '0.4', side: 'BUY' },
      { price: '0.6', side: 'SELL' },
    ]);
    trade({ isTaker: false });
    expect(lastTradeOf(market, market.tokenIds[0])).toEqual({ price: '0.4', side: 'SELL' });
  });

  test.each([
    ['sells what the other buys', 0, 'SELL', 47],
    ['buys the other outcome', 1, 'BUY', 53],
  ] as const)(
    'prints a match of two accounts once, as its taker sees it: who rested %s',
    (_, index, side, at) => {
      const { venue, market, trading } = openDesk({ empty: true });
      const prints = printed(venue);
      const [yes] = market.tokenIds;
      trading.place(anOrder({ maker: BOB, tokenId: market.tokenIds[index], side, at, shares: 100 }));
      trading.place(anOrder({ maker: ALICE, tokenId: yes, side: 'BUY', at: 47, shares: 100 }));
      expect(prints.map(readable).map((print) => print.slice(0, 3))).toEqual([[yes, '0.47', 'BUY']]);
      expect(lastTradeOf(market, yes)).toEqual({ price: '0.47', side: 'BUY' });
    },
  );
});
