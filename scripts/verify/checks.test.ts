import { describe, expect, test } from 'vitest';
import { equityOf, violationsOf } from './checks.ts';
import { bookHistory, type RecordedBook, type RecordedTrade } from './recorded.ts';
import type { Results } from './results.ts';

const at = new Date('2026-07-01T00:00:00.000Z');
const later = new Date('2026-07-01T00:00:01.000Z');

const trade: RecordedTrade = {
  transactionHash: '0xaa',
  wallet: '0x11',
  tokenId: '7',
  side: 'BUY',
  sizeMicros: 10_000_000n,
  occurredAt: at,
};
const book: RecordedBook = {
  tokenId: '7',
  since: at,
  bids: new Map(),
  asks: new Map([[500_000n, 20_000_000n]]),
};

/** A run in which one trade was copied and everything agrees. */
const good: Results = {
  parts: [
    {
      trade_id: 'lt_1',
      base_id: 'lt_1',
      part: 1,
      wallet: '0x11',
      token_id: '7',
      side: 'BUY',
      transaction_hash: '0xaa',
      size_micros: 10_000_000n,
      baseline: false,
      occurred_at: at,
    },
  ],
  attempts: [
    {
      attempt_id: 'ca_1',
      leader_id: 'ld_1',
      token_id: '7',
      side: 'BUY',
      decision: 'EXECUTE',
      reasons: [],
      trade_ids: ['lt_1'],
      target_notional_micros: 5_000_000n,
      target_size_micros: 10_000_000n,
      limit_price_micros: 510_000n,
      intent_id: 'ci_1',
      decided_at: at,
    },
  ],
  orders: [
    {
      order_id: 'po_1',
      intent_id: 'ci_1',
      token_id: '7',
      side: 'BUY',
      status: 'FILLED',
      limit_price_micros: 510_000n,
      filled_size_micros: 10_000_000n,
      filled_notional_micros: 5_000_000n,
      fill_count: 1,
      executed_at: later,
    },
  ],
  fills: [
    {
      fill_id: 'pf_1',
      order_id: 'po_1',
      token_id: '7',
      side: 'BUY',
      price_micros: 500_000n,
      size_micros: 10_000_000n,
      notional_micros: 5_000_000n,
      fee_micros: 0n,
      executed_at: later,
    },
  ],
  entries: [
    {
      ref_id: 'paper:fill:pf_1',
      entry_type: 'TRADE_FILL',
      leader_id: 'ld_1',
      token_id: '7',
      share_delta_micros: 10_000_000n,
      cash_delta_micros: -5_000_000n,
    },
    {
      ref_id: 'paper:initial',
      entry_type: 'DEPOSIT',
      leader_id: null,
      token_id: null,
      share_delta_micros: 0n,
      cash_delta_micros: 100_000_000n,
    },
  ],
  positions: [{ leader_id: 'ld_1', token_id: '7', shares_micros: 10_000_000n, mark_micros: 500_000n }],
  executions: [
    { attempt_id: 'ca_1', filled_size_micros: 10_000_000n, filled_notional_micros: 5_000_000n, final: true },
  ],
  account: { cash_micros: 95_000_000n },
  deadLetters: 0,
  paperRows: [],
  liveAttempts: 0n,
};

const check = (results: Results, trades = [trade]): string[] =>
  violationsOf(trades, bookHistory([book]), results);

/** The good run with one field of one row changed. */
const spoil = <K extends keyof Results>(table: K, change: object): Results => {
  const rows = good[table];
  return {
    ...good,
    [table]: Array.isArray(rows) ? rows.map((row, i) => (i === 0 ? { ...row, ...change } : row)) : rows,
  };
};

describe('violationsOf', () => {
  test('finds nothing wrong with a run in which everything agrees', () => {
    expect(check(good)).toEqual([]);
  });

  test.each<[string, Results, RegExp]>([
    ['a trade never seen', { ...good, parts: [] }, /never seen/],
    ['a trade seen with another size', spoil('parts', { size_micros: 9n }), /the tape says/],
    ['a trade that is not on the tape', spoil('parts', { transaction_hash: '0xbb' }), /not on the tape/],
    ['a trade taken for history', spoil('parts', { baseline: true }), /taken for history/],
    ['a trade in no attempt', spoil('attempts', { trade_ids: [] }), /in 0 attempts/],
    ['a trade in two attempts', { ...good, attempts: [...good.attempts, ...good.attempts] }, /in 2 attempts/],
    [
      'a skip without a reason',
      spoil('attempts', { decision: 'SKIP', intent_id: null }),
      /neither a copy nor a skip/,
    ],
    ['an intent without an order', { ...good, orders: [] }, /has no order/],
    ['an order that never ended', spoil('orders', { status: 'PENDING' }), /still PENDING/],
    ['an attempt never finished in the books', { ...good, executions: [] }, /never finished/],
    ['fills that do not add up', spoil('orders', { filled_size_micros: 1n }), /do not add up/],
    ['a fill outside the bound', spoil('fills', { price_micros: 520_000n }), /limit price/],
    ['a fill that no book offered', spoil('fills', { size_micros: 30_000_000n }), /no recorded book/],
    ['a fill before the book', spoil('fills', { executed_at: new Date(0) }), /no recorded book/],
    ['cash that is not the ledger’s', { ...good, account: { cash_micros: 1n } }, /ledger's cash/],
    ['shares that are not the ledger’s', spoil('positions', { shares_micros: 1n }), /the position 1/],
    ['a fill that was not booked', { ...good, entries: good.entries.slice(1) }, /not in the ledger/],
    ['an entry without a fill', { ...good, fills: [] }, /belongs to no fill/],
    ['a dead letter', { ...good, deadLetters: 1 }, /dead letters/],
  ])('says so of %s', (_, results, sentence) => {
    expect(check(results).join('\n')).toMatch(sentence);
  });

  test('keeps a flood of one kind readable', () => {
    const trades = Array.from({ length: 50 }, (_, i) => ({ ...trade, transactionHash: `0x${i}` }));
    expect(check({ ...good, parts: [] }, trades).filter((s) => /never seen/.test(s))).toHaveLength(5);
  });
});

test('equity is unknown while a position has no mark', () => {
  expect(equityOf(good)).toBe(100_000_000n);
  expect(equityOf(spoil('positions', { mark_micros: null }))).toBeNull();
});
