import { price, shares, usd } from '@slipstream/money';
import { describe, expect, test } from 'vitest';
import { aGroup, BOOK, CONDITION, CONFIG, LEADER, level, NOW, PAPER, TOKEN } from '../test/builders.ts';
import { anAccount, createHarness } from '../test/harness.ts';
import { inputsFor, readAccount } from './load-inputs.ts';

const later = (ms: number): Date => new Date(NOW.getTime() + ms);
const position = (tokenId: string, size: bigint, mark: bigint | null) => ({
  leaderId: LEADER,
  tokenId,
  conditionId: CONDITION,
  sharesMicros: shares(size),
  markMicros: mark === null ? null : price(mark),
});

async function loaded(
  change: (harness: ReturnType<typeof createHarness>) => void = () => undefined,
  group = aGroup(1),
) {
  const harness = createHarness();
  change(harness);
  const account = (await readAccount(harness.ports, PAPER, NOW))();
  return inputsFor(harness.ports, group, account, NOW);
}

describe('inputsFor', () => {
  test('values positions by our own book first, then by the portfolio’s mark', async () => {
    const { account } = await loaded(({ world, ports }) => {
      ports.markets.mark = (tokenId) => (tokenId === '1' ? price(600_000n) : null);
      const all = [position('1', 10n, 100_000n), position('2', 10n, 200_000n)];
      world.account = anAccount({ positions: { of: () => shares(3n), all: () => all } });
    });
    expect(account).toMatchObject({ worthMicros: 8n, unpricedPositions: 0 });
  });

  test('says how many positions have no mark at all', async () => {
    const { account } = await loaded(({ world }) => {
      const all = [position('1', 10n, null)];
      world.account = anAccount({ positions: { of: () => shares(0n), all: () => all } });
    });
    expect(account).toMatchObject({ worthMicros: 0n, unpricedPositions: 1 });
  });

  test('counts what our own open attempts hold back, and lets go what is final', async () => {
    const reservation = { ...PAPER, leaderId: LEADER, tokenId: TOKEN, conditionId: CONDITION };
    const { account, position: ours } = await loaded(({ world, ports }) => {
      ports.reservations.add({
        ...reservation,
        attemptId: 'a',
        cashMicros: usd(5n),
        sharesMicros: shares(0n),
      });
      ports.reservations.add({
        ...reservation,
        attemptId: 'b',
        cashMicros: usd(7n),
        sharesMicros: shares(0n),
      });
      ports.reservations.add({
        ...reservation,
        attemptId: 'c',
        cashMicros: usd(0n),
        sharesMicros: shares(2n),
      });
      world.finalAttempts = ['a'];
    });
    expect(account?.reservedCashMicros).toBe(7n);
    expect(ours.reservedMicros).toBe(2n);
  });

  test('leaves unknown what is not known', async () => {
    const inputs = await loaded(({ world }) => {
      Object.assign(world, { account: null, book: null, market: null, config: null, switches: null });
    });
    expect(inputs).toMatchObject({ account: null, book: null, market: null, config: null, switches: null });
    expect(inputs.waited).toBe(false);
  });

  test('keeps of a book what the decision looks at, and of a book without bounds only that it is there', async () => {
    const deep = { ...BOOK, asks: [level(500_000n, 5n), level(505_000n, 5n), level(900_000n, 5n)] };
    const { book } = await loaded(({ world }) => {
      world.book = deep;
    });
    expect(book?.asks).toEqual(deep.asks.slice(0, 2));
    const unconfigured = await loaded(({ world }) => {
      Object.assign(world, { book: deep, config: null });
    });
    expect(unconfigured.book).toMatchObject({ bids: [], asks: [], ageMs: 0 });
  });

  test('has waited when the book wait has passed since the group was due and lacked something', async () => {
    const waiting = (sinceMs: number) => aGroup(1, { status: 'WAITING', waitingSince: later(-sinceMs) });
    expect((await loaded(undefined, waiting(499))).waited).toBe(false);
    expect((await loaded(undefined, waiting(500))).waited).toBe(true);
    const noWait = await loaded(({ world }) => {
      world.config = { ...CONFIG, guardrails: { ...CONFIG.guardrails, bookWaitMs: 0 } };
    });
    expect(noWait.waited).toBe(true);
  });
});
