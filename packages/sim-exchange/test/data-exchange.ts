import { hashFrom } from '../src/venue/market.ts';
import { Venue } from '../src/venue/venue.ts';
import { dataRoutes } from '../src/wire/data-api.ts';
import { noFaults } from '../src/wire/faults.ts';
import type { Answer } from '../src/wire/http.ts';
import { ANNA, openMarket } from './sim.ts';

/** The first second of these tests. */
export const T0 = 1_780_000_000;
export const market = openMarket();

/** The Data API of one market, without a server; `/data` is its prefix. */
export function exchange() {
  const venue = new Venue();
  venue.addMarket(market);
  const faults = noFaults();
  let nowMs = T0 * 1000;
  let made = 0;
  const route = dataRoutes(venue, faults, () => nowMs, '/data');
  const ask = (path: string): Answer => {
    const url = new URL(`http://sim${path}`);
    const answer = route({
      method: 'GET',
      path: url.pathname,
      query: url.searchParams,
      body: undefined,
      raw: '',
      headers: {},
    });
    if (answer === null || answer instanceof Promise) throw new Error('no answer');
    return answer;
  };
  return {
    venue,
    faults,
    ask,
    rows: (path: string) => JSON.parse(ask(path).json),
    wait: (ms: number) => {
      nowMs += ms;
    },
    trade: (more: object = {}): string => {
      made += 1;
      const transactionHash = hashFrom('trade', String(made));
      venue.trade({
        wallet: ANNA,
        tokenId: market.tokenIds[0],
        conditionId: market.conditionId,
        side: 'BUY',
        price: '0.46',
        size: '10',
        transactionHash,
        atMs: nowMs,
        ...more,
      });
      return transactionHash;
    },
  };
}
