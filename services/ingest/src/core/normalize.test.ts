import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ActivityV1, parseJsonText } from '@slipstream/exchange/public-client';
import { sharedFolder } from '@slipstream/testkit';
import { describe, expect, test } from 'vitest';
import { sumByTrade } from './merge.ts';
import { normalize } from './normalize.ts';
import type { TradeRow } from './observation.ts';

const shared = sharedFolder();
const read = (path: string): unknown => {
  const bytes = readFileSync(join(shared ?? '', 'data', path));
  return parseJsonText((path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8'));
};
const row = {
  proxyWallet: `0x${'1a'.repeat(20)}`,
  timestamp: '1784076314',
  conditionId: `0x${'cd'.repeat(32)}`,
  type: 'TRADE',
  size: '11.11',
  price: '0.07',
  transactionHash: `0x${'ab'.repeat(32)}`,
  asset: '101',
  side: 'BUY',
  outcome: '',
};
const normalized = (patch: object) => normalize(ActivityV1.parse({ ...row, ...patch }));

describe('normalize', () => {
  test('a trade has size, floored notional and the second in which it happened', () => {
    expect(normalized({ price: '0.333333', size: '1.000001' })).toMatchObject({
      kind: 'trade',
      row: {
        sizeMicros: 1_000_001n,
        notionalMicros: 333_333n,
        outcome: null,
        occurredAtMs: 1_784_076_314_000,
      },
    });
  });

  test('rows of one transaction, wallet, token and side are one trade, however their letters are written', () => {
    const idOf = (patch: object): string => {
      const found = normalized(patch);
      return found.kind === 'trade' ? found.row.tradeId : found.kind;
    };
    expect(
      idOf({ size: '5', proxyWallet: `0x${'1A'.repeat(20)}`, transactionHash: `0x${'AB'.repeat(32)}` }),
    ).toBe(idOf({}));
    for (const other of [{ asset: '102' }, { side: 'SELL' }, { proxyWallet: `0x${'2a'.repeat(20)}` }])
      expect(idOf(other)).not.toBe(idOf({}));
  });

  test.each(['SPLIT', 'MERGE', 'REDEEM', 'CONVERSION'])('a %s is an activity and not a trade', (type) => {
    expect(normalized({ type })).toEqual({ kind: 'activity', type });
  });

  test('an activity of a kind that is not ours is told as such', () => {
    expect(normalized({ type: 'MAKER_REBATE', conditionId: '', asset: '' })).toEqual({
      kind: 'activity',
      type: 'OTHER',
    });
  });

  test.each([{ side: '' }, { asset: '' }, { conditionId: '' }, { size: '0' }])(
    'a trade with %j is rubbish',
    (patch) => {
      expect(normalized(patch).kind).toBe('rubbish');
    },
  );

  test
    .skipIf(shared === null)
    .each([
      'activity-wallet-09b428-all-types.json',
      'activity-wallet-19254b.json.gz',
      'activity-4-wallets-2024-trade-redeem.json.gz',
      'distinct-baguette-trades-20260108-0212.json',
      'museumofbees-trades.json.gz',
    ])('the recording %s sums to what it shows, and has no rubbish', (file) => {
    const rows = read(`leader-trades/${file}`);
    if (!Array.isArray(rows)) throw new Error('the recording is not a list');
    const trades: TradeRow[] = [];
    for (const one of rows) {
      const found = normalize(ActivityV1.parse(one));
      expect(found.kind).not.toBe('rubbish');
      if (found.kind === 'trade') trades.push(found.row);
    }
    const sums = [...sumByTrade(trades).values()].map((sum) => sum.figure.sizeMicros);
    expect(sums.reduce((a, b) => a + b, 0n)).toBe(trades.reduce((a, b) => a + b.sizeMicros, 0n));
  });

  test.skipIf(shared === null)('a recorded frame of the real-time feed is a trade', () => {
    const frame = read('messages/rtds/rtds-activity-trade.json');
    if (typeof frame !== 'object' || frame === null || !('payload' in frame)) throw new Error('no payload');
    const found = normalize(ActivityV1.parse(frame.payload));
    expect(found.kind).toBe('trade');
    if (found.kind === 'trade') expect(found.row.priceKey.startsWith('560000:')).toBe(true);
  });
});
