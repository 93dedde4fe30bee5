import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exchange, market, T0 } from '../../test/data-exchange.ts';
import { ANNA, openMarket, recordings, viewOf } from '../../test/sim.ts';
import { eventId } from './gamma-rows.ts';

const data = recordings();

describe('positions', () => {
  const priced = (): ReturnType<typeof exchange> => {
    const made = exchange();
    made.venue.replaceBook(market.tokenIds[0], viewOf({ 48: 10 }, { 52: 10 }), T0 * 1000);
    return made;
  };

  test('are what was bought less what was sold, at the average price, worth the middle of the book', () => {
    const { rows, trade } = priced();
    trade({ price: '0.40', size: '10' });
    trade({ price: '0.60', size: '10' });
    trade({ price: '0.70', size: '5', side: 'SELL' });
    expect(rows(`/data/v2/positions?user=${ANNA}`).data).toMatchObject([
      {
        token_id: market.tokenIds[0],
        current_size: 15,
        total_size: 20,
        avg_price: 0.5,
        entry_cost_usdc: 7.5,
        current_price: 0.5,
        current_value: 7.5,
        realized_pnl: 1,
        unrealized_pnl: 0,
        percent_pnl: 0,
        percent_realized_pnl: 13.333333,
        archived: false,
        verified: false,
        event_id: eventId(market.eventSlug),
        status: 'OPEN',
        redeemable: false,
        mergeable: false,
        opposite_token_id: market.tokenIds[1],
      },
    ]);
    expect(rows(`/data/positions?user=${ANNA}`)).toMatchObject([{ asset: market.tokenIds[0], size: 15 }]);
    expect(rows(`/data/v2/value?user=${ANNA}`)).toEqual({ data: { proxy_wallet: ANNA, value: 7.5 } });
    expect(rows(`/data/value?user=${ANNA}`)).toEqual([{ user: ANNA, value: 7.5 }]);
  });

  test('of a resolved market are redeemable, the losing one for nothing', () => {
    const { rows, trade, venue } = priced();
    expect(rows(`/data/v2/value?user=${ANNA}`).data.value).toBe(0);
    const own = { ...openMarket('other') };
    venue.addMarket(own);
    const other = { conditionId: own.conditionId };
    trade({ ...other, tokenId: own.tokenIds[0], size: '4' });
    trade({ ...other, tokenId: own.tokenIds[1], size: '6' });
    expect(rows(`/data/v2/positions?user=${ANNA}&status=MERGEABLE`).data).toHaveLength(2);
    venue.resolve(own.conditionId, [1n, 0n], 1n, T0 * 1000);
    const states = rows(`/data/v2/positions?user=${ANNA}`).data.map(
      (row: { status: string; current_value: number; redeemable: boolean }) => [
        row.status,
        row.current_value,
        row.redeemable,
      ],
    );
    expect(states).toEqual([
      ['REDEEMABLE', 4, true],
      ['REDEEMABLE', 0, true],
    ]);
    const sizes = (status: string) =>
      rows(`/data/v2/positions?user=${ANNA}&status=${status}`).data.map(
        (row: { current_size: number }) => row.current_size,
      );
    expect(sizes('REDEEMABLE')).toEqual([4, 6]);
    expect(sizes('redeemable_lost')).toEqual([6]);
    expect(sizes('MERGEABLE')).toEqual([]);
    expect(rows(`/data/v2/value?user=${ANNA}`).data.value).toBe(4);
  });

  test('have the names of recorded rows of v1', () => {
    if (data === null) return;
    const { rows, trade } = priced();
    trade();
    const path = join(data, 'messages/rest/polycopy-data_api_positions_sample.json');
    const [recorded] = JSON.parse(readFileSync(path, 'utf8'));
    const [row] = rows(`/data/positions?user=${ANNA}`);
    expect(Object.keys(row)).toEqual(expect.arrayContaining(Object.keys(recorded)));
  });

  test('of v1 keep to what is redeemable, and to a least size of one share', () => {
    const { rows, trade, venue, ask } = priced();
    const own = openMarket('third');
    venue.addMarket(own);
    trade({ conditionId: own.conditionId, tokenId: own.tokenIds[0], size: '4' });
    trade({ size: '0.5' });
    trade({ tokenId: market.tokenIds[1], size: '2' });
    venue.resolve(own.conditionId, [1n, 0n], 1n, T0 * 1000);
    const sizes = (more: string) =>
      rows(`/data/positions?user=${ANNA}${more}`).map((row: { size: number }) => row.size);
    expect(sizes('')).toEqual([4, 2]);
    expect(sizes('&sizeThreshold=0.1')).toEqual([4, 0.5, 2]);
    expect(sizes('&sizeThreshold=3')).toEqual([4]);
    expect(sizes('&redeemable=true')).toEqual([4]);
    expect(sizes('&redeemable=false')).toEqual([2]);
    expect(ask(`/data/positions?user=${ANNA}&sizeThreshold=some`).status).toBe(400);
  });

  test('of v1 that are closed say what they gained, the most first', () => {
    const { rows, trade } = priced();
    trade({ price: '0.40', size: '10' });
    trade({ price: '0.60', size: '10' });
    trade({ price: '0.70', size: '20', side: 'SELL' });
    trade({ tokenId: market.tokenIds[1], price: '0.30', size: '10' });
    trade({ tokenId: market.tokenIds[1], price: '0.90', size: '10', side: 'SELL' });
    const closed = rows(`/data/closed-positions?user=${ANNA}`);
    expect(closed).toMatchObject([
      { asset: market.tokenIds[1], avgPrice: 0.3, totalBought: 10, realizedPnl: 6, timestamp: T0 },
      { asset: market.tokenIds[0], avgPrice: 0.5, totalBought: 20, realizedPnl: 4, timestamp: T0 },
    ]);
    expect(rows(`/data/closed-positions?user=${ANNA}&limit=1&offset=1`)).toEqual([closed[1]]);
    if (data === null) return;
    const path = join(data, 'messages/rest/polyprinter-closed_positions_sample.json');
    const [recorded] = JSON.parse(readFileSync(path, 'utf8'));
    expect(Object.keys(closed[0]).sort()).toEqual(Object.keys(recorded).sort());
  });

  test('need a wallet, and come a page at a time', () => {
    const { ask, rows, trade } = priced();
    for (const path of ['/v2/positions', '/positions', '/v2/value', '/value', '/closed-positions'])
      expect(ask(`/data${path}`).status).toBe(400);
    trade();
    trade({ tokenId: market.tokenIds[1] });
    const first = rows(`/data/v2/positions?user=${ANNA}&limit=1`);
    expect(first.pagination).toMatchObject({ has_more: true });
    const second = rows(`/data/v2/positions?user=${ANNA}&limit=1&cursor=${first.pagination.next_cursor}`);
    expect([...first.data, ...second.data].map((row: { token_id: string }) => row.token_id)).toEqual(
      market.tokenIds,
    );
    expect(second.pagination).toMatchObject({ has_more: false, next_cursor: null });
  });
});
