import { shares, usd } from '@slipstream/money';
import { PAPER_SCOPE } from '@slipstream/proto';
import { describe, expect, test } from 'vitest';
import { AT, aBook, aMeta, anOrder, LEADER, level, TOKEN } from '../testing/builders.ts';
import { type DueOrder, executeBatch } from './execute-batch.ts';
import { holdingKey, openFunds } from './funds.ts';
import type { PendingOrder } from './order.ts';
import { TAKEN_KEPT_MS } from './taken.ts';

const walk = (order: PendingOrder, book = aBook()): DueOrder => ({
  kind: 'walk',
  order,
  book,
  ageMs: 0,
  meta: aMeta(),
});
const funds = (cash: bigint, held = 0n) =>
  openFunds(
    {
      cash: new Map([[PAPER_SCOPE, usd(cash)]]),
      shares: new Map([[holdingKey(PAPER_SCOPE, LEADER, TOKEN), shares(held)]]),
    },
    [],
  );
const RICH = 1_000_000_000n;
const filled = (outcomes: readonly { readonly totals: { readonly filledSizeMicros: bigint } }[]) =>
  outcomes.map(({ totals }) => totals.filledSizeMicros);

describe('orders that are due together', () => {
  test('never take the same shares of a level twice', () => {
    const { outcomes } = executeBatch(
      [walk(anOrder({ intentId: 'a' })), walk(anOrder({ intentId: 'b' }))],
      funds(RICH),
      new Map(),
      false,
      AT,
    );
    expect(filled(outcomes)).toEqual([15_000_000n, 5_000_000n]);
    expect(outcomes[1]?.totals.reason).toBe('INSUFFICIENT_DEPTH');
  });

  test('see the cash that those before them spent', () => {
    const { outcomes } = executeBatch(
      [walk(anOrder({ intentId: 'a' })), walk(anOrder({ intentId: 'b' }))],
      funds(7_600_000n),
      new Map(),
      false,
      AT,
    );
    expect(outcomes[1]?.totals).toMatchObject({ reason: 'NOT_ENOUGH_CASH', filledSizeMicros: 0n });
  });

  test('see the shares that those before them bought', () => {
    const sale = anOrder({ intentId: 'b', side: 'SELL', limitPriceMicros: level(48, 1)[0] });
    const { outcomes } = executeBatch(
      [walk(anOrder({ intentId: 'a' })), walk(sale)],
      funds(RICH),
      new Map(),
      false,
      AT,
    );
    expect(outcomes[1]?.totals).toMatchObject({ status: 'FILLED', filledSizeMicros: 15_000_000n });
  });
});

describe('what we took of a book', () => {
  const first = executeBatch([walk(anOrder({ intentId: 'a' }))], funds(RICH), new Map(), false, AT);
  const again = (book = aBook(), at = AT) =>
    executeBatch(
      [walk(anOrder({ intentId: 'b', expiresAt: new Date(at.getTime() + 1) }), book)],
      funds(RICH),
      first.taken,
      false,
      at,
    );

  test('is gone while its levels show the same', () => {
    expect(filled(again().outcomes)).toEqual([5_000_000n]);
  });

  test('is there again on a level that shows another size', () => {
    const moved = aBook({ asks: [[...level(50, 11)], [...level(51, 10)]] });
    expect(filled(again(moved).outcomes)).toEqual([15_000_000n]);
  });

  test('is forgotten after an hour', () => {
    expect(filled(again(aBook(), new Date(AT.getTime() + TAKEN_KEPT_MS + 1)).outcomes)).toEqual([
      15_000_000n,
    ]);
  });

  test('is stored with the book that was used', () => {
    expect(again().outcomes[0]?.book?.levels).toEqual([
      [0, '500000', '10000000', '10000000'],
      [1, '510000', '10000000', '5000000'],
    ]);
  });
});

test('an expired intent takes nothing', () => {
  const late = new Date(AT.getTime() + 10_001);
  const { outcomes } = executeBatch([walk(anOrder())], funds(RICH), new Map(), false, late);
  expect(outcomes[0]?.totals).toMatchObject({ status: 'CANCELED', reason: 'INTENT_EXPIRED', fillCount: 0 });
});

test('fills are named for the intent and the level', () => {
  const { outcomes } = executeBatch([walk(anOrder())], funds(RICH), new Map(), false, AT);
  const ids = outcomes[0]?.fills.map((fill) => fill.fillId) ?? [];
  expect(new Set(ids).size).toBe(2);
  expect(ids).toEqual(
    executeBatch([walk(anOrder())], funds(RICH), new Map(), false, AT).outcomes[0]?.fills.map(
      (f) => f.fillId,
    ),
  );
});
