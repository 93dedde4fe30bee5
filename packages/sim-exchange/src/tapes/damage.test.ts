import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { mapLines } from './files.ts';
import { readTape } from './read-tape.ts';
import { TapeDamage } from './tape.ts';

const HEX = (c: string, n: number): string => `0x${c.repeat(n)}`;
const A = HEX('a', 64);
const AT = '2026-06-01T12:00:00Z';
const folder = (files: Record<string, string | Buffer>): string => {
  const dir = mkdtempSync(join(tmpdir(), 'tape-'));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(dir, name), content);
  return dir;
};
const lines = (...rows: object[]): string => rows.map((row) => JSON.stringify(row)).join('\n');

const TRADE = {
  condition_id: A,
  token_id: '11',
  timestamp: AT,
  proxy_wallet: HEX('b', 40),
  side: 'BUY',
  price: 0.4,
  size: 3,
  transaction_hash: HEX('c', 64),
};
const BOOK = { condition_id: A, token_id: '11', timestamp: AT, bids: '[]', asks: '[]' };
const CSV = 'timestamp_ms,condition_id,token_id,outcome,side,price,size,trade_id';
const print = (token: string, ms = '1773000000000'): string =>
  [ms, A, token, 'Up', 'BUY', '0.5', '1', HEX('c', 64)].join(',');
const L2 = 'market_slug,asset_id,event_type,price,side,size,hash,timestamp';
const level = (slug: string, token: string, type: string, n: number): string =>
  `${slug},${token},${type},0.5,bid,3,h${n},${1_750_000_000_000 + n}`;
const ZONE = 'timestamp is not an ISO time with a zone';

describe('damage in recorded forms', () => {
  test.each<[string, Record<string, string>, string]>([
    [
      'a token of two markets',
      { 'trades.jsonl': lines(TRADE, { ...TRADE, condition_id: HEX('d', 64) }) },
      `trades.jsonl, line 2: the token 11 belongs to another market above, ${A}.`,
    ],
    [
      'a token id that is none',
      { 'trades.jsonl': lines({ ...TRADE, token_id: '9'.repeat(78) }) },
      'trades.jsonl, line 1: token_id is not a token id.',
    ],
    [
      'a market whose token is none',
      { 'markets.json': JSON.stringify([{ condition_id: A, side_a_token_id: 'xx' }]), 'trades.jsonl': lines(TRADE) },
      'markets.json, entry 1: side_a_token_id is not a token id.',
    ],
    [
      'a market of one token twice',
      {
        'markets.json': JSON.stringify([{ condition_id: A, side_a_token_id: '11', side_b_token_id: '11' }]),
        'trades.jsonl': lines(TRADE),
      },
      'markets.json, entry 1: both sides have the same token.',
    ],
    ['a list that is cut', { 'markets.json': '[{', 'trades.jsonl': lines(TRADE) }, 'markets.json is not JSON'],
    [
      'a bare number as time',
      { 'trades.jsonl': lines({ ...TRADE, timestamp: '5' }) },
      `trades.jsonl, line 1: ${ZONE}: 5.`,
    ],
    [
      'a time of no zone',
      { 'trades.jsonl': lines({ ...TRADE, timestamp: '2026-06-01T12:00:00' }) },
      `trades.jsonl, line 1: ${ZONE}: 2026-06-01T12:00:00.`,
    ],
    [
      'a day that the month does not have',
      { 'trades.jsonl': lines({ ...TRADE, timestamp: '2026-02-31T12:00:00Z' }) },
      `trades.jsonl, line 1: ${ZONE}: 2026-02-31T12:00:00Z.`,
    ],
    [
      'a time of another age',
      { 'trades.csv': `${CSV}\n${print('11', '99999999999999')}\n` },
      'trades.csv, line 2: timestamp_ms is not in the years 2015 to 2099.',
    ],
    [
      'two levels of one price',
      { 'books.jsonl': lines({ ...BOOK, bids: '[{"price":"0.4","size":"1"},{"price":"0.40","size":"2"}]' }) },
      'books.jsonl, line 1: bids has two levels at 0.4.',
    ],
    [
      'a level beyond bounds',
      { 'books.jsonl': lines({ ...BOOK, asks: '[{"price":"0.4","size":"1e50"}]' }) },
      'books.jsonl, line 1: asks has a level whose size is not a number of shares: 1e50.',
    ],
    [
      'a third token among prints',
      { 'trades.csv': [CSV, print('11'), print('12'), print('13')].join('\n') },
      `trades.csv, line 4: the market ${A} has a third token.`,
    ],
    [
      'two markets in one level-2 file',
      { 'x.csv': [L2, level('a', '11', 'book', 0), level('b', '12', 'book', 1)].join('\n') },
      'x.csv, line 3: a second market in one file, b.',
    ],
    [
      'a broken line of an Up/Down series',
      { 'sol-up-books.jsonl': '{"timestamp":"1765450800000","bids":[],"asks":[]}\n{"x":1}' },
      'sol-up-books.jsonl, line 2: timestamp is missing.',
    ],
  ])('%s is told by file and place', async (_name, files, message) => {
    await expect(readTape(folder(files))).rejects.toThrow(message);
    await expect(readTape(folder(files))).rejects.toBeInstanceOf(TapeDamage);
  });

  test('what is no damage is read: an empty level, a byte order mark, other line ends, a zone', async () => {
    const books = lines({ ...BOOK, bids: '[{"price":"0.4","size":"0"},{"price":"0.3","size":"2"}]' });
    const trades = lines(TRADE, { ...TRADE, timestamp: '2026-06-01T14:00:01+02:00' });
    const dir = folder({ 'books.jsonl': `\ufeff${books}`, 'trades.jsonl': trades.replaceAll('\n', '\r\n') });
    const { events } = await readTape(dir);
    expect(events.map((event) => [event.kind, event.atMs - Date.parse(AT)])).toEqual([
      ['book', 0],
      ['trade', 0],
      ['trade', 1_000],
    ]);
    const [book] = events;
    if (book?.kind !== 'book') throw new Error('no book');
    expect([...book.view.bids.keys()]).toEqual([300_000n]);
  });

  test('changes before the first whole book are left out', async () => {
    const rows = [level('a', '11', 'price_change', 0), level('a', '11', 'book', 1)];
    const { events } = await readTape(folder({ 'x.csv': [L2, ...rows].join('\n') }));
    expect(events.map((event) => event.kind)).toEqual(['book']);
  });
});

describe('damage in our own form', () => {
  const MARKET = {
    kind: 'market',
    condition: A,
    question: 'Will it rain?',
    slug: 'rain',
    outcomes: ['Yes', 'No'],
    tokens: ['11', '12'],
    tick: '0.01',
    minSize: '5',
    negRisk: false,
    feeRate: '0',
    feeExponent: '1',
    ends: null,
  };
  const trade = { kind: 'trade', at: AT, wallet: HEX('b', 40), condition: A, token: '11', side: 'BUY' };
  const TRADED = { ...trade, price: '0.4', size: '1', hash: HEX('c', 64) };
  const PAID = { kind: 'resolution', at: AT, condition: A, payouts: ['1', '0'] };
  const change = { side: 'BUY', price: '0.4', size: '1' };

  test.each<[string, object[], string]>([
    ['a tick of no grid', [{ ...MARKET, tick: '0.03' }], 'line 1: tick is none of 0.1, 0.01,'],
    ['a changed tick of no grid', [MARKET, { kind: 'tick', at: AT, condition: A, tick: '0' }], 'line 2: tick is'],
    ['half an exponent', [{ ...MARKET, feeExponent: '1.5' }], 'line 1: feeExponent is not a whole number'],
    ['a fee above everything', [{ ...MARKET, feeRate: '1.2' }], 'line 1: feeRate is above one: 1.2.'],
    ['a trade after the end', [MARKET, PAID, TRADED], 'line 3: a trade on a market that is resolved above.'],
    ['a second end', [MARKET, PAID, PAID], 'line 3: this market is resolved above already.'],
    [
      'changes of no book',
      [MARKET, { kind: 'delta', at: AT, token: '12', changes: [change] }],
      'line 2: a change of a book of which no whole one is above.',
    ],
  ])('%s is told by file and line', async (_name, rows, message) => {
    await expect(readTape(folder({ 'tape.jsonl': lines(...rows) }))).rejects.toThrow(message);
  });
});

describe('lines of a file', () => {
  test('are the same packed or not, whatever the pieces in which they are read', async () => {
    const rows = Array.from({ length: 3_000 }, (_, i) => ({ i, text: 'é'.repeat(i % 97) }));
    const dir = folder({ 'a.jsonl': lines(...rows), 'a.jsonl.gz': gzipSync(`${lines(...rows)}\n`) });
    const read = (name: string) => mapLines(join(dir, name), (line) => [line.number, JSON.parse(line.text)]);
    const expected = rows.map((row, i) => [i + 1, row]);
    expect(await read('a.jsonl')).toEqual(expected);
    expect(await read('a.jsonl.gz')).toEqual(expected);
  });

  test('that are no text, and packed ones that are cut, are told', async () => {
    const packed = gzipSync(`${'{}\n'.repeat(50_000)}`);
    const dir = folder({
      'a.jsonl': Buffer.from([0x7b, 0x7d, 0x0a, 0xff, 0xfe, 0x0a]),
      'b.jsonl.gz': packed.subarray(0, packed.length - 4),
      'c.jsonl.gz': Buffer.from('this was never packed'),
    });
    const read = (name: string) => mapLines(join(dir, name), () => null);
    await expect(read('a.jsonl')).rejects.toThrow('is not UTF-8 text');
    await expect(read('b.jsonl.gz')).rejects.toThrow(/^b\.jsonl\.gz is not whole: .+\.$/);
    await expect(read('c.jsonl.gz')).rejects.toThrow(/^c\.jsonl\.gz is not whole: .+\.$/);
  });
});
