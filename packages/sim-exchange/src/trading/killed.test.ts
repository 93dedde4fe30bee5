import { describe, expect, test } from 'vitest';
import { anOrder, openDesk, type TestDesk } from '../../test/trading.ts';

const events = ({ trading }: TestDesk) => {
  const told: unknown[] = [];
  trading.on('order', ({ order, kind, killedWith }) =>
    told.push(killedWith === undefined ? `${kind} ${order.status}` : [kind, killedWith]),
  );
  trading.on('trade', ({ trade }) => told.push(trade.status));
  return told;
};
const order = ({ market }: TestDesk, more: object = {}) =>
  anOrder({ tokenId: market.tokenIds[0], at: 40, shares: 10, orderType: 'FAK', ...more });

const KILLS = [
  [
    'FAK',
    'no orders found to match with FAK order. FAK orders are partially filled or killed if no match is found.',
  ],
  ['FOK', "order couldn't be fully filled. FOK orders are fully filled or killed."],
] as const;

describe.each(KILLS)('a %s that is killed', (orderType, words) => {
  test('is remembered: sent again it is a duplicate, and nothing is known of it', () => {
    const desk = openDesk();
    const told = events(desk);
    const killed = order(desk, { orderType });
    expect(desk.trading.place(killed)).toMatchObject({ status: 400, error: words });
    expect(desk.trading.place(killed)).toMatchObject({
      status: 400,
      error: `order ${killed.id} is invalid. Duplicated.`,
    });
    expect([desk.trading.orderOf(killed.id), told]).toEqual([null, []]);
  });

  test('is told of where that is switched on', () => {
    const desk = openDesk({ switches: { tellKilled: true } });
    const told = events(desk);
    desk.trading.place(order(desk, { orderType }));
    expect(told).toEqual([['CANCELLATION', words]]);
  });
});

test('a FAK that is filled in part comes, trades and then ends', () => {
  const desk = openDesk();
  const told = events(desk);
  const partly = order(desk, { at: 47, shares: 400 });
  desk.trading.place(partly);
  expect(told).toEqual(['PLACEMENT LIVE', 'MATCHED', 'CANCELLATION CANCELED']);
  expect(desk.trading.orderOf(partly.id)?.status).toBe('CANCELED');
});
