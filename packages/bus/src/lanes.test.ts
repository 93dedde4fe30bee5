import { copyLeaderTrade, copyMarketBook, LEADER_PARTITIONS } from '@slipstream/proto';
import { expect, test } from 'vitest';
import { laneOfMessage } from './lanes.ts';

test('a channel in partitions has a lane for each, and every other channel one', () => {
  const wallets = Array.from({ length: 100 }, (_, n) => `0x${n.toString(16).padStart(40, '0')}`);
  const lanes = wallets.map((w) => laneOfMessage(copyLeaderTrade.name, `copy.leader.trade.${w}`));
  expect(new Set(lanes).size).toBe(LEADER_PARTITIONS);
  expect(laneOfMessage(copyMarketBook.name, 'copy.market.book.1')).toBe(copyMarketBook.name);
});
