import { createMarketView } from '@slipstream/exchange';
import type { MarketBook } from '@slipstream/proto';
import { fakeClock, silentLogger } from '@slipstream/runtime';
import { describe, expect, test } from 'vitest';
import type { DueOrder } from './core/execute-batch.ts';
import { createDeadlines } from './deadlines.ts';
import { createDueOrders } from './on-order-due.ts';
import { AT, aBook, aMeta, anOrder, TOKEN } from './testing/builders.ts';

const RULES = { bookFreshnessMs: 2_000, bookWaitMs: 500 };

function setUp(refresh: () => Promise<void> = async () => undefined) {
  const clock = fakeClock(AT);
  const executed: { readonly at: number; readonly due: readonly DueOrder[] }[] = [];
  const asked: string[] = [];
  const news: Promise<void>[] = [];
  const market = createMarketView((token) => news.push(orders.onNews(token)));
  const orders = createDueOrders({
    clock,
    log: silentLogger(),
    rules: () => RULES,
    judge: market.judge,
    meta: market.meta,
    refresh: async (tokenId) => {
      asked.push(tokenId);
      await refresh();
    },
    execute: async (due) => {
      if (due.length > 0) executed.push({ at: clock.now().getTime() - AT.getTime(), due });
    },
  });
  const tell = async (book: MarketBook): Promise<void> => {
    market.onBook(book);
    await Promise.all(news);
  };
  const outcomes = () =>
    executed.map(({ at, due }) => [at, ...due.map((d) => (d.kind === 'walk' ? 'walk' : d.reason))]);
  return { clock, market, orders, asked, tell, outcomes, executed };
}

describe('an order whose time has come', () => {
  test('meets the book of that instant', async () => {
    const { market, orders, outcomes, asked } = setUp();
    market.onMeta(aMeta());
    market.onBook(aBook());
    await orders.onDue([anOrder()]);
    expect(outcomes()).toEqual([[0, 'walk']]);
    expect(asked).toEqual([]);
  });

  test('asks for a missing book once and meets it when it comes', async () => {
    const { clock, market, orders, outcomes, asked, tell } = setUp();
    market.onMeta(aMeta());
    await orders.onDue([anOrder({ intentId: 'a' }), anOrder({ intentId: 'b' })]);
    await clock.advance(200);
    await tell(aBook({ knownAt: clock.now().toISOString() }));
    await clock.advance(1_000);
    expect(asked).toEqual([TOKEN]);
    expect(outcomes()).toEqual([[200, 'walk', 'walk']]);
  });

  test('ends with NO_FRESH_BOOK when none comes within the wait', async () => {
    const { clock, market, orders, outcomes } = setUp();
    market.onMeta(aMeta());
    market.onBook(aBook({ knownAt: new Date(AT.getTime() - 60_000).toISOString() }));
    await orders.onDue([anOrder()]);
    await clock.advance(499);
    expect(outcomes()).toEqual([]);
    await clock.advance(1);
    expect(outcomes()).toEqual([[500, 'NO_FRESH_BOOK']]);
    expect(orders.waiting()).toBe(0);
  });

  test('does not wait when the exchange was just asked and has none', async () => {
    const { market, orders, outcomes } = setUp();
    market.onBook(aBook({ state: 'absent', bids: [], asks: [] }));
    await orders.onDue([anOrder()]);
    expect(outcomes()).toEqual([[0, 'NO_FRESH_BOOK']]);
  });

  test('waits for a proof of life of the session that keeps its book', async () => {
    const { clock, market, orders, outcomes } = setUp();
    market.onMeta(aMeta());
    market.onBook(aBook({ sessionId: 's1', knownAt: new Date(AT.getTime() - 60_000).toISOString() }));
    await orders.onDue([anOrder()]);
    await clock.advance(100);
    market.onSession('s1', { sessionId: 's1', aliveAt: clock.now().toISOString(), open: true });
    await clock.advance(1_000);
    expect(outcomes()).toEqual([[100, 'walk']]);
  });

  test('ends with MISSING_MARKET_DATA when only the metadata is missing', async () => {
    const { clock, market, orders, outcomes } = setUp();
    market.onBook(aBook());
    await orders.onDue([anOrder()]);
    await clock.advance(500);
    expect(outcomes()).toEqual([[500, 'MISSING_MARKET_DATA']]);
  });

  test('of an expired intent ends at once', async () => {
    const { clock, orders, outcomes } = setUp();
    await clock.advance(10_001);
    await orders.onDue([anOrder()]);
    expect(outcomes()).toEqual([[10_001, 'INTENT_EXPIRED']]);
  });

  test('still has its deadline when nobody can be asked', async () => {
    const { clock, market, orders, outcomes } = setUp(async () => {
      throw new Error('no bus');
    });
    market.onMeta(aMeta());
    await orders.onDue([anOrder()]);
    await clock.advance(500);
    expect(outcomes()).toEqual([[500, 'NO_FRESH_BOOK']]);
  });
});

test('orders of one instant come together, in the order of their arrival; an order that is armed twice comes once', async () => {
  const clock = fakeClock(AT);
  const turns: string[][] = [];
  const deadlines = createDeadlines(clock, async (orders) => {
    turns.push(orders.map((order) => order.intentId));
  });
  const due = new Date(AT.getTime() + 750);
  const late = anOrder({ intentId: 'late', receivedAt: new Date(AT.getTime() + 5), dueAt: due });
  const early = anOrder({ intentId: 'early', dueAt: due });
  deadlines.arm([late, early, anOrder({ intentId: 'other', dueAt: new Date(AT.getTime() + 800) })]);
  deadlines.arm([early]);
  expect(deadlines.count()).toBe(3);
  await clock.advance(1_000);
  expect(turns).toEqual([['early', 'late'], ['other']]);
});
