import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { recordings } from '../../test/sim.ts';
import { readTape } from './read-tape.ts';
import { TapeDamage, walletsOf } from './tape.ts';

const data = recordings();

describe.skipIf(data === null)('recordings', () => {
  test.each([
    { name: 'tape-mlb-leaders-202606', books: 10_229, trades: 1_138, markets: 171, wallets: 73 },
    { name: 'tape-updown-20251211', books: 548, trades: 3_517, wallets: 1 },
    { name: 'tape-updown-20260310', books: 97, trades: 2_335, wallets: 329 },
  ])('$name is read whole', async ({ name, books, trades, markets, wallets }) => {
    const tape = await readTape(join(data ?? '', name));
    expect(tape.events.filter((event) => event.kind === 'book')).toHaveLength(books);
    expect(tape.events.filter((event) => event.kind === 'trade')).toHaveLength(trades);
    if (markets !== undefined) expect(tape.markets).toHaveLength(markets);
    expect(walletsOf(tape)).toHaveLength(wallets);
    const times = tape.events.map((event) => event.atMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test('level-2 files give whole books and the changes between them', async () => {
    const tape = await readTape(join(data ?? '', 'tape-mlb-l2-202506'));
    expect(tape.events.filter((event) => event.kind === 'book')).toHaveLength(845);
    expect(tape.events.filter((event) => event.kind === 'delta')).toHaveLength(23_839);
  }, LARGE_TAPE_WAIT_MS);

  test('at equal instants books come before trades', async () => {
    const tape = await readTape(join(data ?? '', 'tape-mlb-leaders-202606'));
    const wrong = tape.events.filter(
      (event, i) =>
        event.kind === 'book' &&
        tape.events[i - 1]?.kind === 'trade' &&
        tape.events[i - 1]?.atMs === event.atMs,
    );
    expect(wrong).toEqual([]);
  });
});

const HEX = (c: string, n: number): string => `0x${c.repeat(n)}`;
const MARKET = {
  kind: 'market',
  condition: HEX('a', 64),
  question: 'Will it rain?',
  slug: 'rain',
  event: 'rain',
  outcomes: ['Yes', 'No'],
  tokens: ['11', '12'],
  tick: '0.01',
  minSize: '5',
  negRisk: false,
  feeRate: '0',
  feeExponent: '1',
  ends: null,
};
const TRADE = {
  kind: 'trade',
  at: '2026-06-01T12:00:01Z',
  wallet: HEX('b', 40),
  condition: HEX('a', 64),
  token: '11',
  side: 'BUY',
  price: '0.46',
  size: '10',
  hash: HEX('c', 64),
};
const folder = (files: Record<string, string | Buffer>): string => {
  const dir = mkdtempSync(join(tmpdir(), 'tape-'));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(dir, name), content);
  return dir;
};
const own = (...rows: unknown[]): string =>
  folder({
    'tape.jsonl': rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row))).join('\n'),
  });
const { price: _, ...WITHOUT_PRICE } = TRADE;
const DELTA = { kind: 'delta', at: TRADE.at, token: '11', changes: [] as unknown[] };

/** A recording of hundreds of megabytes, on a machine that others use, too. */
const LARGE_TAPE_WAIT_MS = 30_000;

describe('damage in our own form', () => {
  test.each<[string, unknown[], string]>([
    ['broken JSON', [MARKET, '{"kind":'], 'tape.jsonl, line 2: this is not JSON.'],
    ['a list', [MARKET, '[]'], 'tape.jsonl, line 2: this is not a JSON object.'],
    ['a missing field', [MARKET, WITHOUT_PRICE], 'tape.jsonl, line 2: price is missing.'],
    [
      'a price above one',
      [MARKET, { ...TRADE, price: '1.01' }],
      'tape.jsonl, line 2: price is above one: 1.01.',
    ],
    [
      'a price that is none',
      [MARKET, { ...TRADE, price: '-1' }],
      'tape.jsonl, line 2: price is not a decimal: -1.',
    ],
    ['a size of zero', [MARKET, { ...TRADE, size: '0' }], 'tape.jsonl, line 2: size is zero.'],
    [
      'a size beyond bounds',
      [MARKET, { ...TRADE, size: '1e40' }],
      'tape.jsonl, line 2: size is too large: 1e40.',
    ],
    [
      'a third token',
      [MARKET, { ...TRADE, token: '13' }],
      'tape.jsonl, line 2: token is of no market above.',
    ],
    [
      'a bad side',
      [MARKET, { ...TRADE, side: 'HOLD' }],
      'tape.jsonl, line 2: side is neither BUY nor SELL: HOLD.',
    ],
    [
      'an earlier line',
      [MARKET, TRADE, { ...TRADE, at: '2026-06-01T12:00:00Z' }],
      'tape.jsonl, line 3: this is earlier than the line before.',
    ],
    ['a market twice', [MARKET, MARKET], 'tape.jsonl, line 2: this market is above already.'],
    [
      'one token twice',
      [{ ...MARKET, tokens: ['11', '11'] }],
      'tape.jsonl, line 1: tokens are twice the same.',
    ],
    [
      'an unknown kind',
      [MARKET, { ...TRADE, kind: 'party' }],
      'tape.jsonl, line 2: kind is none that we know: party.',
    ],
    [
      'a change that is no level',
      [MARKET, { ...DELTA, changes: [null] }],
      'tape.jsonl, line 2: changes has an entry that is no level.',
    ],
    [
      'a level at one',
      [MARKET, { ...DELTA, changes: [{ side: 'BUY', price: '1', size: '1' }] }],
      'tape.jsonl, line 2: price is not between 0 and 1.',
    ],
    [
      'payouts of nothing',
      [MARKET, { kind: 'resolution', at: TRADE.at, condition: HEX('a', 64), payouts: ['0', '0'] }],
      'tape.jsonl, line 2: payouts are not two numerators.',
    ],
  ])('%s is told by file and line', async (_name, rows, message) => {
    await expect(readTape(own(...rows))).rejects.toThrow(new TapeDamage(message));
  });

  test('an empty tape and a missing one are told', async () => {
    await expect(readTape(own(MARKET))).rejects.toThrow('holds no event');
    await expect(readTape('/nowhere/at/all')).rejects.toThrow(
      new TapeDamage('There is no tape at /nowhere/at/all.'),
    );
    await expect(readTape(folder({ 'a.txt': '' }))).rejects.toThrow('of no form that we know');
  });

  test('half a gzip is told', async () => {
    const bytes = gzipSync(`${JSON.stringify(MARKET)}\n${JSON.stringify(TRADE)}\n`);
    const dir = folder({ 'tape.jsonl.gz': bytes.subarray(0, bytes.length / 2) });
    await expect(readTape(dir)).rejects.toThrow(/^tape\.jsonl\.gz is not whole: .+\.$/);
  });

  test('a price with an exponent is written out, so that no feed sends one', async () => {
    const tape = await readTape(
      own(MARKET, { ...TRADE, price: '1e-7' }, { ...TRADE, price: '0.5599999234188139', size: '007.50' }),
    );
    expect(tape.events.map((event) => (event.kind === 'trade' ? [event.price, event.size] : null))).toEqual([
      ['0', '10'],
      ['0.5599999234188139', '7.5'],
    ]);
  });
});

describe('damage in recorded forms', () => {
  const leaderTrade = {
    condition_id: HEX('a', 64),
    token_id: '11',
    timestamp: TRADE.at,
    proxy_wallet: HEX('b', 40),
    side: 'BUY',
    price: 0.4,
    size: 3,
    transaction_hash: HEX('c', 64),
  };
  const lines = (...rows: object[]): string => rows.map((row) => JSON.stringify(row)).join('\n');

  test('a third token of one market is told', async () => {
    const dir = folder({
      'trades.jsonl': lines(
        leaderTrade,
        { ...leaderTrade, token_id: '12' },
        { ...leaderTrade, token_id: '13' },
      ),
    });
    await expect(readTape(dir)).rejects.toThrow(
      new TapeDamage(`trades.jsonl, line 3: the market ${HEX('a', 64)} has a third token.`),
    );
  });

  test('a trade of a leader without his wallet is told', async () => {
    const { proxy_wallet: _w, ...without } = leaderTrade;
    await expect(readTape(folder({ 'trades.jsonl': lines(without) }))).rejects.toThrow(
      new TapeDamage('trades.jsonl, line 1: proxy_wallet is missing.'),
    );
  });

  const CSV = 'timestamp_ms,condition_id,token_id,outcome,side,price,size,trade_id';
  test('a CSV row with a missing field is told', async () => {
    const row = ['1773000000000', HEX('a', 64), '11', 'Up', 'BUY', '0.5', '10'].join(',');
    await expect(readTape(folder({ 'trades.csv': `${CSV}\n${row}\n` }))).rejects.toThrow(
      new TapeDamage('trades.csv, line 2: 7 fields where the header has 8.'),
    );
  });

  test('a CSV without a column that is needed is told', async () => {
    await expect(readTape(folder({ 'trades.csv': 'timestamp_ms,price\n' }))).rejects.toThrow(
      new TapeDamage('trades.csv, line 1: the column condition_id is missing.'),
    );
  });

  test('a quote that is not closed is told', async () => {
    await expect(readTape(folder({ 'trades.csv': `${CSV}\n"a,b\n` }))).rejects.toThrow(
      new TapeDamage('trades.csv, line 2: a quote is not closed.'),
    );
  });
});
