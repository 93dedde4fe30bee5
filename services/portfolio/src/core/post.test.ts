import { usd } from '@slipstream/money';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AT, aFill, CONDITION, LEADER, PAPER, TOKEN } from '../testing/builders.ts';
import { attribute } from './attribute.ts';
import { depositOf, entryFor, type Holding, type LedgerEntry, reversalOf } from './entry.ts';
import { accountFigures, afterBooking, type Holdings, leaderFigures, NO_HOLDINGS } from './holdings.ts';
import { foldAll, type Position } from './position.ts';
import { type Account, EMPTY_ACCOUNT, type PostInputs, positionKey, post, type Resolved } from './post.ts';

const HOLDING: Holding = { leaderId: LEADER, tokenId: TOKEN, conditionId: CONDITION };
const resolvedAt = new Date(AT.getTime() - 1);
const HALF: Resolved = { payout: { numerator: 1n, denominator: 2n }, resolvedAt };

type Over = Partial<Parameters<typeof aFill>[4] & object>;
function fill(id: string, side: 'BUY' | 'SELL', size: bigint, at: bigint, over: Over = {}): LedgerEntry {
  const made = aFill(id, side, size, at, over);
  return entryFor(made, attribute(made));
}

/** A ledger in memory: books batch by batch, the way the store does. */
function ledger(resolvedOf: PostInputs['resolvedOf'] = () => null) {
  let account: Account = EMPTY_ACCOUNT;
  let holdings: Holdings = NO_HOLDINGS;
  const positions = new Map<string, Position>();
  const entries: LedgerEntry[] = [];
  return {
    book: (batch: readonly LedgerEntry[], settle: readonly Holding[] = []) => {
      const posted = post({
        id: PAPER,
        account,
        positions,
        entries: batch,
        settle,
        resolvedOf,
        histories: new Map(
          batch.flatMap((e) =>
            e.entryType === 'TRADE_FILL_REVERSAL' && e.holding !== null
              ? [
                  [
                    positionKey(e.holding),
                    entries.filter(
                      (x) =>
                        x.holding?.tokenId === e.holding?.tokenId &&
                        x.holding?.leaderId === e.holding?.leaderId,
                    ),
                  ],
                ]
              : [],
          ),
        ),
      });
      account = posted.account;
      entries.push(...posted.entries);
      for (const { holding, after } of posted.changed) positions.set(positionKey(holding), after);
      holdings = afterBooking(holdings, posted, () => null);
      return posted;
    },
    account: () => account,
    holdings: () => holdings,
    positions,
    entries,
  };
}

describe('booking', () => {
  test('the version grows by one with every entry, however they are batched', () => {
    const one = ledger();
    const two = ledger();
    const batch = [fill('a', 'BUY', 10n, 500_000n), fill('b', 'BUY', 10n, 500_000n)];
    one.book(batch);
    for (const entry of batch) two.book([entry]);
    expect(one.account()).toEqual(two.account());
    expect(one.account().version).toBe(2n);
  });

  test('a deposit is neither profit nor fee', () => {
    const books = ledger();
    books.book([depositOf(PAPER, 'paper:initial', usd(1_000n), AT)]);
    expect(books.account()).toMatchObject({
      cashMicros: 1_000n,
      depositedMicros: 1_000n,
      realizedPnlMicros: 0n,
    });
  });

  test('a reversal takes the fill out of cash, fees and average', () => {
    const books = ledger();
    const bad = fill('a', 'BUY', 10_000_000n, 400_000n, { feeMicros: usd(9n) });
    books.book([bad, fill('b', 'BUY', 10_000_000n, 600_000n)]);
    books.book([reversalOf(bad)]);
    expect(books.account()).toMatchObject({ cashMicros: -6_000_000n, feesMicros: 0n, realizedPnlMicros: 0n });
    expect(books.positions.get(positionKey(HOLDING))).toMatchObject({
      sharesMicros: 10_000_000n,
      costMicros: 6_000_000n,
    });
  });
});

describe('settlement', () => {
  test('ends a holding at its payout', () => {
    let resolved: Resolved | null = null;
    const books = ledger(() => resolved);
    books.book([fill('a', 'BUY', 10_000_001n, 400_000n)]);
    resolved = HALF;
    const { settled } = books.book([], [HOLDING]);
    expect(settled).toMatchObject([
      { episode: 1, entry: { cashDeltaMicros: 5_000_000n, occurredAt: resolvedAt } },
    ]);
    expect(books.account().realizedPnlMicros).toBe(5_000_000n - 4_000_001n);
    expect(books.book([], [HOLDING]).entries).toEqual([]);
  });

  test('a fill that arrives after the resolution is settled as it is booked, each as a holding of its own', () => {
    const books = ledger(() => HALF);
    const { settled } = books.book([fill('a', 'BUY', 10n, 400_000n), fill('b', 'BUY', 20n, 400_000n)]);
    expect(settled.map((s) => [s.episode, s.entry.cashDeltaMicros])).toEqual([
      [1, 5n],
      [2, 10n],
    ]);
    expect(books.positions.get(positionKey(HOLDING))?.sharesMicros).toBe(0n);
  });

  test('a sale from before the resolution that is booked after it gives its payout back', () => {
    let resolved: Resolved | null = null;
    const books = ledger(() => resolved);
    books.book([fill('a', 'BUY', 10_000_000n, 400_000n)]);
    resolved = HALF;
    books.book([], [HOLDING]);
    books.book([fill('b', 'SELL', 10_000_000n, 700_000n)]);
    expect(books.account().realizedPnlMicros).toBe(3_000_000n);
    expect(books.positions.get(positionKey(HOLDING))?.sharesMicros).toBe(0n);
  });
});

const step = fc.record({
  leader: fc.constantFrom('l1', 'l2'),
  token: fc.constantFrom('1', '2', '3'),
  side: fc.constantFrom('BUY', 'SELL'),
  size: fc.bigInt(1n, 30_000_000n),
  at: fc.bigInt(1n, 999_999n),
  fee: fc.bigInt(0n, 100_000n),
  fails: fc.boolean(),
});

test('in any order and any batches, ledger, account, positions and leaders agree', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 25 }),
      fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 25 }),
      fc.boolean(),
      (steps, cuts, resolves) => {
        const books = ledger(({ tokenId }) => (resolves && tokenId === '3' ? HALF : null));
        const made = steps.flatMap((s, i) => {
          const entry = fill(`f${i}`, s.side, s.size, s.at, {
            leaderId: s.leader,
            tokenId: s.token,
            feeMicros: usd(s.fee),
          });
          return s.fails ? [entry, reversalOf(entry)] : [entry];
        });
        let from = 0;
        for (const cut of [...cuts, made.length]) {
          books.book(made.slice(from, from + cut));
          from += cut;
        }
        const account = books.account();
        const sum = (pick: (e: LedgerEntry) => bigint): bigint =>
          books.entries.reduce((t, e) => t + pick(e), 0n);
        expect(account.cashMicros).toBe(sum((e) => e.cashDeltaMicros));
        expect(account.feesMicros).toBe(sum((e) => e.feeMicros));
        expect(account.version).toBe(BigInt(books.entries.length));
        for (const [key, position] of books.positions) {
          const own = books.entries.filter((e) => e.holding !== null && positionKey(e.holding) === key);
          const scratch = foldAll(own);
          expect({ ...position, episode: 0, openedAt: 0 }).toEqual({ ...scratch, episode: 0, openedAt: 0 });
          expect(position.sharesMicros).toBe(own.reduce((t, e) => t + e.shareDeltaMicros, 0n));
        }
        const realized = [...books.positions.values()].reduce((t, p) => t + p.realizedPnlMicros, 0n);
        expect(account.realizedPnlMicros).toBe(realized);
        const leaders = [...books.holdings().leaders.keys()];
        const cash = leaders.reduce((t, l) => t + leaderSlice(books.holdings(), l), 0n);
        expect(cash).toBe(account.cashMicros);
      },
    ),
  );
});

/** The cash of one leader's slice; figures need no mark for it, and shorts have none to be valued by. */
const leaderSlice = (holdings: Holdings, leaderId: string | null): bigint =>
  leaderFigures({ ...holdings, open: new Map() }, leaderId, () => null).cashMicros;

test('the leaders’ slices add up to the account', () => {
  const books = ledger();
  books.book([
    depositOf(PAPER, 'paper:initial', usd(100_000_000n), AT),
    fill('a', 'BUY', 10_000_000n, 400_000n, { leaderId: 'l1' }),
    fill('b', 'BUY', 10_000_000n, 500_000n, { leaderId: 'l2', tokenId: '2' }),
    fill('c', 'SELL', 4_000_000n, 600_000n, { leaderId: 'l1' }),
  ]);
  const figures = accountFigures(books.holdings(), () => null);
  expect(figures).toMatchObject({ openPositions: 2, unpricedPositions: 2, equityMicros: null });
  const slices = ['l1', 'l2'].map((leader) => leaderFigures(books.holdings(), leader, () => null));
  expect(slices.reduce((sum, slice) => sum + slice.cashMicros, 100_000_000n)).toBe(figures.cashMicros);
});
