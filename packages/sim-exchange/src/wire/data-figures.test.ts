import { describe, expect, test } from 'vitest';
import { exchange, market, T0 } from '../../test/data-exchange.ts';
import { ANNA, openMarket } from '../../test/sim.ts';
import { BLOCK_MS } from '../chain/chain.ts';
import { walletFrom } from '../venue/market.ts';
import { eventId } from './gamma-rows.ts';

const BEN = walletFrom('test', 'ben');
const HOUR_S = 3_600;
const [yes, no] = market.tokenIds;

/** Anna buys 30 of the first outcome and sells 10 with a gain of two dollars; Ben buys 5 of the second. */
function traded() {
  const made = exchange();
  made.trade({ price: '0.40', size: '30' });
  made.wait(2 * HOUR_S * 1_000);
  made.trade({ price: '0.60', size: '10', side: 'SELL' });
  made.trade({ wallet: BEN, tokenId: no, price: '0.50', size: '5' });
  return made;
}

describe('figures of a wallet', () => {
  test('count its volume between two seconds', () => {
    const { rows } = traded();
    const volume = (more: string) => rows(`/data/v2/user-volume?user=${ANNA}${more}`).data;
    expect(volume('')).toEqual({ volume: 40, volume_usdc: 18, trade_count: 2 });
    expect(volume(`&start=${T0 + 1}`)).toEqual({ volume: 10, volume_usdc: 6, trade_count: 1 });
    expect(volume(`&end=${T0}`)).toEqual({ volume: 30, volume_usdc: 12, trade_count: 1 });
  });

  test('name its markets, its best gain and its first day', () => {
    const { rows } = traded();
    expect(rows(`/data/v2/user-stats?user=${ANNA}`).data).toEqual({
      proxy_wallet: ANNA,
      trades: 1,
      biggest_win: 2,
      views: 0,
      join_date: T0,
    });
    expect(rows(`/data/v2/user-stats?user=${walletFrom('nobody')}`)).toEqual({ data: null });
  });

  test('add up what it gained, step by step', () => {
    const { rows } = traded();
    const { points, ...series } = rows(`/data/v2/user-pnl?user=${ANNA}&fidelity=1h`).data;
    expect(series).toEqual({
      proxy_wallet: ANNA,
      interval: 'max',
      fidelity: '1h',
      source_fidelity: '1h',
    });
    const quiet = { realized_lp_pnl: 0, realized_combo_pnl: 0 };
    const block = (second: number) => Math.floor((second * 1_000) / BLOCK_MS) - 1;
    const at = (second: number, realized: number, volume: number, dollars: number, count: number) => ({
      timestamp: second,
      source_block: block(second),
      realized_market_pnl: realized,
      realized_pnl: realized,
      ...quiet,
      volume,
      volume_usdc: dollars,
      trade_count: count,
    });
    expect(points).toEqual([
      at(T0, 0, 30, 12, 1),
      at(T0 + HOUR_S, 0, 30, 12, 1),
      at(T0 + 2 * HOUR_S, 2, 40, 18, 2),
    ]);
    expect(rows(`/data/v2/user-pnl?user=${BEN}&interval=6h`).data.points).toHaveLength(1);
  });
});

describe('figures of markets', () => {
  test('name who holds what, the most first', () => {
    const { rows, trade } = traded();
    trade({ wallet: BEN, price: '0.50', size: '25' });
    const holders = (more = '') =>
      rows(`/data/v2/holders?condition_id=${market.conditionId}${more}`).data.map(
        (row: { token_id: string; holders: { proxy_wallet: string; amount: number }[] }) => [
          row.token_id,
          row.holders.map(({ proxy_wallet, amount }) => [proxy_wallet, amount]),
        ],
      );
    expect(holders()).toEqual([
      [
        yes,
        [
          [BEN, 25],
          [ANNA, 20],
        ],
      ],
      [no, [[BEN, 5]]],
    ]);
    expect(holders('&min_balance=21')).toEqual([
      [yes, [[BEN, 25]]],
      [no, []],
    ]);
  });

  test('count the dollars that stand behind what is held, of one market and of all', () => {
    const { rows, trade, venue } = traded();
    const other = openMarket('other');
    venue.addMarket(other);
    trade({ conditionId: other.conditionId, tokenId: other.tokenIds[0], size: '7' });
    const interest = (query: string) => rows(`/data/v2/oi${query}`).data;
    expect(interest(`?condition=${market.conditionId}`)).toEqual([
      { condition_id: market.conditionId, value: 20 },
    ]);
    expect(interest(`?event_id=${eventId(other.eventSlug)}`)).toEqual([
      { condition_id: other.conditionId, value: 7 },
    ]);
    expect(interest('')).toEqual([{ condition_id: 'GLOBAL', value: 27 }]);
  });

  test('rank wallets by what they gained or traded lately', () => {
    const { rows, wait } = traded();
    const board = (query: string) =>
      rows(`/data/v2/leaderboard?${query}`).data.map(
        (row: { rank: number; user_id: string; pnl: number; volume: number }) => [
          row.rank,
          row.user_id,
          row.pnl,
          row.volume,
        ],
      );
    expect(board('time_period=all&sort_by=PNL')).toEqual([
      [1, ANNA, 2, 40],
      [2, BEN, 0, 5],
    ]);
    expect(rows(`/data/v2/leaderboard?user=${BEN}`).data).toMatchObject({ rank_pnl: 2, rank_volume: 2 });
    wait(23 * HOUR_S * 1_000);
    expect(board('sort_by=VOLUME')).toEqual([
      [1, ANNA, 2, 10],
      [2, BEN, 0, 5],
    ]);
    wait(2 * HOUR_S * 1_000);
    expect(board('time_period=day')).toEqual([]);
    expect(rows(`/data/v2/leaderboard?user=${BEN}`).data).toBeNull();
  });

  test('give the prices of a token, by step or at a moment', () => {
    const { rows } = traded();
    const prices = (query: string) => rows(`/data/v2/prices-history?token_id=${yes}&${query}`).data;
    expect(prices('interval=max')).toEqual([
      { timestamp: T0, price: 0.4, resolution_seconds: 60 },
      { timestamp: T0 + 2 * HOUR_S, price: 0.5, resolution_seconds: 60 },
    ]);
    expect(prices(`as_of=${T0 + HOUR_S}`)).toEqual([{ timestamp: T0, price: 0.4, resolution_seconds: 0 }]);
    expect(prices(`start=${T0 + 1}&bucket_seconds=3600`)).toEqual([
      { timestamp: T0 + 2 * HOUR_S, price: 0.5, resolution_seconds: 3600 },
    ]);
  });
});

test('figures appear as late as the lag says', () => {
  const { rows, faults } = traded();
  faults.dataLagMs = 1_000;
  expect(rows(`/data/v2/user-volume?user=${ANNA}`).data.trade_count).toBe(1);
  expect(rows('/data/v2/oi').data).toEqual([{ condition_id: 'GLOBAL', value: 30 }]);
});

test.each([
  ['/user-volume', 'missing_parameter', 'user'],
  [`/user-volume?user=${ANNA}&start=x`, 'invalid_parameter', 'start'],
  ['/user-stats?user=me', 'invalid_parameter', 'user'],
  [`/user-pnl?user=${ANNA}&fidelity=1m`, 'invalid_parameter', 'fidelity'],
  ['/holders', 'missing_parameter', 'condition'],
  ['/leaderboard?time_period=year', 'invalid_parameter', 'time_period'],
  ['/leaderboard?sort_by=LUCK', 'invalid_parameter', 'sort_by'],
  ['/prices-history', 'missing_parameter', 'token_id'],
  [`/prices-history?token_id=${yes}`, 'invalid_parameter', 'interval'],
  [`/prices-history?token_id=${yes}&interval=1d&as_of=5`, 'invalid_parameter', 'interval'],
  [`/prices-history?token_id=${yes}&interval=1d&bucket_seconds=5`, 'invalid_parameter', 'bucket_seconds'],
])('figures refuse %s with %s %s', (path, code, parameter) => {
  const { ask } = exchange();
  const answer = ask(`/data/v2${path}`);
  expect(answer.status).toBe(400);
  expect(JSON.parse(answer.json)).toMatchObject({ code, parameter });
});
