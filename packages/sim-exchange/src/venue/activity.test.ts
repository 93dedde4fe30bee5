import { expect, test } from 'vitest';
import { ANNA, openMarket } from '../../test/sim.ts';
import { type Activity, ActivityLog } from './activity.ts';

const market = openMarket();
const row = (seq: number, wallet: string): Activity => ({
  seq,
  type: 'TRADE',
  wallet,
  conditionId: market.conditionId,
  tokenId: market.tokenIds[0],
  side: 'BUY',
  price: '0.5',
  size: '1',
  usdcSize: '0.5',
  outcome: 'Yes',
  outcomeIndex: 0,
  title: '',
  slug: '',
  eventSlug: '',
  transactionHash: '',
  atMs: seq * 1_000,
  isTaker: true,
});

test('a full log drops its oldest rows, everywhere alike, and goes on', () => {
  const log = new ActivityLog(20);
  for (let seq = 1; seq <= 25; seq++) log.add(row(seq, seq % 2 === 0 ? ANNA : '0xother'));
  const kept = log.all().map((activity) => activity.seq);
  expect(kept.length).toBeLessThanOrEqual(20);
  expect(kept.at(-1)).toBe(25);
  expect(kept).toEqual(Array.from({ length: kept.length }, (_, i) => 25 - kept.length + 1 + i));
  expect(log.of(ANNA).map((activity) => activity.seq)).toEqual(kept.filter((seq) => seq % 2 === 0));
  expect(log.trades).toBe(25);
});

test('a row of an older second is put where it belongs', () => {
  const log = new ActivityLog();
  for (const seq of [1, 3, 2]) log.add(row(seq, ANNA));
  expect(log.of(ANNA).map((activity) => activity.seq)).toEqual([1, 2, 3]);
});
