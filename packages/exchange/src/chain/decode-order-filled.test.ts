import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseMicrosRounded } from '@slipstream/money';
import { sharedFolder } from '@slipstream/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { parseJsonText } from '../json-text.ts';
import {
  EXCHANGE_CONTRACTS,
  ORDER_FILLED_V1_TOPIC,
  ORDER_FILLED_V2_TOPIC,
  topicOfAddress,
} from './contracts.ts';
import { decodeOrderFilled } from './decode-order-filled.ts';

const shared = sharedFolder();
const folder = join(shared ?? '', 'data/onchain');
const read = (name: string): unknown => parseJsonText(readFileSync(join(folder, name), 'utf8'));

const [CTF, NEG_RISK] = EXCHANGE_CONTRACTS;
const V1 = EXCHANGE_CONTRACTS[3];
const MAKER = `0x${'1a'.repeat(20)}`;
const TAKER = `0x${'2b'.repeat(20)}`;

const word = (n: bigint): string => n.toString(16).padStart(64, '0');
const logOf = (words: readonly bigint[], more: object = {}) => ({
  address: CTF.address,
  topics: [
    ORDER_FILLED_V2_TOPIC,
    `0x${'cc'.repeat(32)}`,
    topicOfAddress(MAKER),
    topicOfAddress(TAKER),
  ] as readonly string[],
  data: `0x${words.map(word).join('')}`,
  blockNumber: '0x10',
  blockHash: `0x${'bb'.repeat(32)}`,
  transactionHash: `0x${'ab'.repeat(32)}`,
  logIndex: '0x5',
  removed: false,
  ...more,
});
const v1LogOf = (words: readonly bigint[]) => {
  const log = logOf(words, { address: V1.address });
  return { ...log, topics: [ORDER_FILLED_V1_TOPIC, ...log.topics.slice(1)] };
};
const fillOf = (raw: unknown) => {
  const decoded = decodeOrderFilled(raw);
  if (decoded.kind === 'refused') throw new Error(decoded.why);
  return decoded.fill;
};
const refusalOf = (raw: unknown): string => {
  const decoded = decodeOrderFilled(raw);
  return decoded.kind === 'refused' ? decoded.why : 'a fill';
};

describe('decodeOrderFilled', () => {
  test('a buyer gave collateral and got shares', () => {
    expect(fillOf(logOf([0n, 101n, 46n, 100n, 3n, 0n, 0n]))).toEqual({
      contract: CTF.address,
      orderHash: `0x${'cc'.repeat(32)}`,
      wallet: MAKER,
      counterparty: TAKER,
      isTaker: false,
      tokenId: '101',
      side: 'BUY',
      sizeMicros: 100n,
      notionalMicros: 46n,
      feeMicros: 3n,
      transactionHash: `0x${'ab'.repeat(32)}`,
      blockNumber: 16,
      blockHash: `0x${'bb'.repeat(32)}`,
      blockTimeMs: null,
      logIndex: 5,
      removed: false,
    });
  });

  test('a seller gave shares and got collateral', () => {
    const fill = fillOf(logOf([1n, 101n, 100n, 46n, 0n, 0n, 0n]));
    expect([fill.side, fill.sizeMicros, fill.notionalMicros]).toEqual(['SELL', 100n, 46n]);
  });

  test('a taker’s own order counts for its wallet', () => {
    const log = logOf([0n, 101n, 46n, 100n, 0n, 0n, 0n]);
    const fill = fillOf({ ...log, topics: [...log.topics.slice(0, 3), topicOfAddress(CTF.address)] });
    expect([fill.wallet, fill.isTaker]).toEqual([MAKER, true]);
  });

  test.each([
    { name: 'gives collateral', words: [0n, 101n, 46n, 100n, 0n], side: 'BUY' },
    { name: 'gives shares', words: [101n, 0n, 100n, 46n, 0n], side: 'SELL' },
  ])('under V1 one who $name is on side $side', ({ words, side }) => {
    const fill = fillOf(v1LogOf(words));
    expect(fill).toMatchObject({ side, tokenId: '101', sizeMicros: 100n, notionalMicros: 46n });
  });

  test.each([
    ['of another contract', { address: `0x${'99'.repeat(20)}` }, /no exchange contract/],
    ['of another event', { topics: [`0x${'00'.repeat(32)}`] }, /another event/],
    ['without its wallets', { topics: [ORDER_FILLED_V2_TOPIC, `0x${'cc'.repeat(32)}`] }, /too few topics/],
    [
      'whose wallet is no address',
      {
        topics: [
          ORDER_FILLED_V2_TOPIC,
          `0x${'cc'.repeat(32)}`,
          `0x${'ff'.repeat(32)}`,
          topicOfAddress(TAKER),
        ],
      },
      /no address/,
    ],
    ['of a pending block', { blockNumber: null }, /not a log/],
    ['with half a word', { data: '0x00ff' }, /not a log/],
    ['with too few words', { data: `0x${word(0n)}` }, /1 words of data/],
    ['of V1 on a contract of V2', { topics: [ORDER_FILLED_V1_TOPIC] }, /an event of v1/],
  ])('a log %s is refused', (_, more, why) => {
    expect(refusalOf(logOf([0n, 101n, 46n, 100n, 0n, 0n, 0n], more))).toMatch(why);
  });

  test.each([
    ['of no side', [7n, 101n, 46n, 100n, 0n, 0n, 0n], /side 7/],
    ['of nothing', [0n, 101n, 46n, 0n, 0n, 0n, 0n], /size is not above zero/],
    ['of more than there is', [0n, 101n, 46n, 2n ** 250n, 0n, 0n, 0n], /beyond a trillion/],
    ['of collateral', [0n, 0n, 46n, 100n, 0n, 0n, 0n], /collateral/],
  ])('a fill %s is refused', (_, words, why) => {
    expect(refusalOf(logOf(words))).toMatch(why);
  });

  test('a V1 trade of collateral for collateral is refused', () => {
    expect(refusalOf(v1LogOf([0n, 0n, 46n, 100n, 0n]))).toMatch(/two assets of one kind/);
  });

  test('rubbish is refused and nothing is thrown', () => {
    fc.assert(
      fc.property(fc.anything(), (raw) => {
        expect(decodeOrderFilled(raw).kind).toBe('refused');
      }),
    );
    const [log] = [logOf([0n, 101n, 46n, 100n, 0n, 0n, 0n])];
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(log)), fc.anything(), (key, value) => {
        expect(['fill', 'refused']).toContain(decodeOrderFilled({ ...log, [key]: value }).kind);
      }),
    );
  });
});

const Decoded = z.looseObject({
  orderHash: z.string(),
  maker: z.string(),
  taker: z.string(),
  side: z.string(),
  tokenId: z.string(),
  makerAmountFilled: z.string(),
  takerAmountFilled: z.string(),
  fee: z.string(),
});
const CtfFile = z.array(
  z.looseObject({
    log: z.unknown(),
    decoded: Decoded,
    dataApi: z
      .looseObject({ side: z.string(), size: z.string(), usdcSize: z.string().optional() })
      .optional(),
  }),
);
const NegRiskFile = z.looseObject({
  block_timestamp: z.string(),
  logs: z.array(z.unknown()),
  decoded: z.array(Decoded),
  activity: z.array(
    z.looseObject({
      proxyWallet: z.string(),
      timestamp: z.string(),
      side: z.string(),
      asset: z.string(),
      size: z.string(),
      usdcSize: z.string(),
      transactionHash: z.string(),
    }),
  ),
});
const FeesFile = z.array(
  z.looseObject({
    exchange: z.enum(['standard', 'neg_risk']),
    side: z.enum(['BUY', 'SELL']),
    maker_amount_filled: z.string(),
    taker_amount_filled: z.string(),
    fee: z.string(),
    price: z.string(),
  }),
);

/** What a recording says of a fill, in our words. */
const saidOf = (d: z.infer<typeof Decoded>) => ({
  orderHash: d.orderHash,
  wallet: d.maker,
  counterparty: d.taker,
  side: d.side,
  tokenId: d.tokenId,
  sizeMicros: BigInt(d.side === 'BUY' ? d.takerAmountFilled : d.makerAmountFilled),
  notionalMicros: BigInt(d.side === 'BUY' ? d.makerAmountFilled : d.takerAmountFilled),
  feeMicros: BigInt(d.fee),
});

describe.skipIf(shared === null)('recorded logs', () => {
  test('every file of the folder is read here', () => {
    expect(readdirSync(folder).filter((name) => name.endsWith('.json'))).toEqual([
      'ctf-exchange-v2-orderfilled.json',
      'neg-risk-exchange-v2-orderfilled-buy.json',
      'v2-taker-fees-observed.json',
    ]);
  });

  test('those of the CTF exchange say what was decoded from them, and what the Data API said', () => {
    for (const { log, decoded, dataApi } of CtfFile.parse(read('ctf-exchange-v2-orderfilled.json'))) {
      const fill = fillOf(log);
      expect(fill).toMatchObject(saidOf(decoded));
      expect(fill.blockTimeMs).not.toBeNull();
      if (dataApi === undefined) continue;
      expect([fill.side, fill.sizeMicros]).toEqual([dataApi.side, parseMicrosRounded(dataApi.size)]);
      if (dataApi.usdcSize === undefined) continue;
      expect(fill.notionalMicros).toBe(parseMicrosRounded(dataApi.usdcSize));
    }
  });

  test('those of one neg-risk transaction add up, by wallet, token and side, to its activity rows', () => {
    const { logs, decoded, activity } = NegRiskFile.parse(read('neg-risk-exchange-v2-orderfilled-buy.json'));
    const fills = logs.map(fillOf);
    expect(fills).toMatchObject(decoded.map(saidOf));
    expect(new Set(fills.map((fill) => fill.contract))).toEqual(new Set([NEG_RISK.address]));
    for (const row of activity) {
      const own = fills.filter(
        (fill) =>
          fill.transactionHash === row.transactionHash &&
          fill.wallet === row.proxyWallet &&
          fill.tokenId === row.asset &&
          fill.side === row.side,
      );
      expect(own.reduce((sum, fill) => sum + fill.sizeMicros, 0n)).toBe(parseMicrosRounded(row.size));
      expect(own.reduce((sum, fill) => sum + fill.notionalMicros, 0n)).toBe(parseMicrosRounded(row.usdcSize));
    }
  });

  test('observed amounts come back with their fee and, to a cent, their price', () => {
    for (const row of FeesFile.parse(read('v2-taker-fees-observed.json'))) {
      const [made, taken] = [BigInt(row.maker_amount_filled), BigInt(row.taker_amount_filled)];
      const side = row.side === 'BUY' ? 0n : 1n;
      const address = row.exchange === 'standard' ? CTF.address : NEG_RISK.address;
      const fill = fillOf(logOf([side, 101n, made, taken, BigInt(row.fee), 0n, 0n], { address }));
      expect(fill.feeMicros).toBe(BigInt(row.fee));
      const away = (fill.notionalMicros * 1_000_000n) / fill.sizeMicros - parseMicrosRounded(row.price);
      expect(away > -10_000n && away < 10_000n).toBe(true);
    }
  });
});
