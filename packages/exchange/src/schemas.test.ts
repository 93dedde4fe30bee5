import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { sharedFolder } from '@slipstream/testkit';
import { describe, expect, test } from 'vitest';
import { parseJsonText } from './json-text.ts';
import { ActivityV1, ActivityV2, BookRow, PriceChangeRow, ResolvedRow, TickChangeRow } from './schemas.ts';

const shared = sharedFolder();
const read = (path: string): unknown => {
  const bytes = readFileSync(join(shared ?? '', 'data', path));
  return parseJsonText((path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8'));
};
const WALLET = '0x09B428f7c2b469786286214aa5c90dd9015f7320';
const HASH = `0x${'ab'.repeat(32)}`;
const row = {
  proxyWallet: WALLET,
  timestamp: 1_784_076_314,
  conditionId: `0x${'CD'.repeat(32)}`,
  type: 'TRADE',
  size: 11.11,
  usdcSize: 0.7777,
  transactionHash: HASH,
  price: 0.07,
  asset: '101',
  side: 'BUY',
  outcome: 'Yes',
};
const wire = (value: unknown): unknown => parseJsonText(JSON.stringify(value));

describe('an activity row', () => {
  test('is read to micros from its own digits, ids in lower case', () => {
    const read = ActivityV1.parse(wire({ ...row, price: '0.5599999234188139' }));
    expect(read).toMatchObject({
      wallet: WALLET.toLowerCase(),
      conditionId: `0x${'cd'.repeat(32)}`,
      priceMicros: 560_000n,
      sizeMicros: 11_110_000n,
      usdcMicros: 777_700n,
    });
  });

  test('says the same in both versions of the Data API', () => {
    const v2 = {
      proxy_wallet: row.proxyWallet,
      timestamp: row.timestamp,
      condition_id: row.conditionId,
      type: row.type,
      size: row.size,
      usdc_size: row.usdcSize,
      transaction_hash: row.transactionHash,
      price: row.price,
      token_id: row.asset,
      side: row.side,
      outcome: row.outcome,
    };
    expect(ActivityV2.parse(wire(v2))).toEqual(ActivityV1.parse(wire(row)));
  });

  test.each([
    ['a price over a dollar', { price: '1.01' }],
    ['a price that is no number', { price: 'NaN' }],
    ['a size that is an object', { size: {} }],
    ['a wallet that is no address', { proxyWallet: '0x12' }],
    ['no transaction', { transactionHash: null }],
    ['half a second', { timestamp: 1.5 }],
  ])('with %s is an issue, not an exception', (_case, patch) => {
    expect(ActivityV1.safeParse(wire({ ...row, ...patch })).success).toBe(false);
  });

  test
    .skipIf(shared === null)
    .each([
      'activity-wallet-09b428-all-types.json',
      'activity-wallet-19254b.json.gz',
      'activity-4-wallets-2024-trade-redeem.json.gz',
    ])('of the recording %s is read', (file) => {
    const rows = read(`leader-trades/${file}`);
    if (!Array.isArray(rows)) throw new Error('the recording is not a list');
    expect(rows.length).toBeGreaterThan(0);
    for (const one of rows) expect(ActivityV1.safeParse(one).error?.issues).toBeUndefined();
  });
});

describe('a frame of the market channel', () => {
  const folder = join(shared ?? '', 'data/messages/market-channel');
  const files = shared === null ? [] : readdirSync(folder);
  const schemas = [
    ['book', BookRow],
    ['price_change', PriceChangeRow],
    ['tick_size', TickChangeRow],
    ['resolved', ResolvedRow],
  ] as const;

  test.skipIf(shared === null)('is read from every recording that we use', () => {
    let seen = 0;
    for (const file of files) {
      const schema = schemas.find(([name]) => file.includes(name))?.[1];
      if (schema === undefined) continue;
      seen += 1;
      expect(schema.safeParse(read(`messages/market-channel/${file}`)).error?.issues, file).toBeUndefined();
    }
    expect(seen).toBeGreaterThanOrEqual(7);
  });

  test('a change in the form of before is one change of today’s', () => {
    const old = {
      asset_id: '101',
      price: '0.514',
      size: '21574.08',
      side: 'SELL',
      timestamp: '1723967931411',
    };
    const { timestamp, ...change } = old;
    const today = { price_changes: [change], timestamp };
    expect(PriceChangeRow.parse(old).price_changes[0]).toMatchObject({ asset_id: '101', price: 514_000n });
    expect(PriceChangeRow.parse(today).price_changes[0]).toMatchObject({ asset_id: '101', price: 514_000n });
  });

  test.each([17, null, [], 'PONG', { asset_id: 17 }, { price_changes: 'none' }])(
    '%j is an issue',
    (frame) => {
      for (const [, schema] of schemas) expect(schema.safeParse(frame).success).toBe(false);
    },
  );
});
