import { bps, portion, shares, usd } from '@slipstream/money';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BOOK, groupFacts, level, someInputs, withSizing } from '../../test/builders.ts';
import { type Copy, decide } from './decide.ts';
import type { DecisionInputs } from './inputs.ts';
import { equityOf } from './size.ts';

/** What happens: a decision, or one of the open copies becomes final, filled so far in percent; 0 lets it go. */
type Step =
  | { readonly kind: 'decide'; readonly leader: number; readonly market: number; readonly notional: bigint }
  | { readonly kind: 'final'; readonly which: number; readonly percent: number };

const decision = fc.record({
  kind: fc.constant('decide' as const),
  leader: fc.nat(2),
  market: fc.nat(3),
  notional: fc.bigInt(1_000_000n, 10n ** 12n),
});
const final = fc.record({
  kind: fc.constant('final' as const),
  which: fc.nat(50),
  percent: fc.oneof(fc.constantFrom(0, 100), fc.integer({ min: 0, max: 100 })),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: decision },
  { weight: 1, arbitrary: final },
);

/** An account as the decider keeps it: what is booked, and what open copies may still take. */
function createAccount(deposited: bigint) {
  const booked = new Map<string, bigint>();
  const reserved = new Map<string, bigint>();
  const open: { readonly keys: readonly string[]; readonly target: bigint; readonly cash: bigint }[] = [];
  let cash = deposited;
  const add = (sums: Map<string, bigint>, keys: readonly string[], amount: bigint): void => {
    for (const key of keys) sums.set(key, (sums.get(key) ?? 0n) + amount);
  };
  const exposure = (key: string) => ({
    bookedMicros: usd(booked.get(key) ?? 0n),
    reservedMicros: usd(reserved.get(key) ?? 0n),
  });
  const finish = (which: number, percent: number): void => {
    const [copy] = open.splice(which % Math.max(open.length, 1), 1);
    if (copy === undefined) return;
    add(reserved, copy.keys, -copy.cash);
    add(booked, copy.keys, (copy.target * BigInt(percent)) / 100n);
    cash -= (copy.cash * BigInt(percent)) / 100n;
  };
  return {
    facts: (leader: string, market: string): Pick<DecisionInputs, 'account' | 'exposure'> => {
      const { account } = someInputs();
      if (account === null) throw new Error('the builder gives an account');
      const worthMicros = usd(booked.get('total') ?? 0n);
      return {
        account: {
          ...account,
          cashMicros: usd(cash),
          reservedCashMicros: usd(reserved.get('total') ?? 0n),
          worthMicros,
          depositedMicros: usd(cash + worthMicros),
        },
        exposure: { total: exposure('total'), market: exposure(market), leader: exposure(leader) },
      };
    },
    reserve: (keys: readonly string[], { target, reserve }: Copy): void => {
      open.push({ keys, target: target.notionalMicros, cash: reserve.cashMicros });
      add(reserved, keys, reserve.cashMicros);
    },
    finish,
    bookAll: (): void => {
      while (open.length > 0) finish(0, 100);
    },
    cash: () => cash,
    freeCash: () => cash - (reserved.get('total') ?? 0n),
    exposureOf: (key: string) => booked.get(key) ?? 0n,
  };
}

const DEPOSIT = 10_000_000_000n;

const CONFIGURED = withSizing({
  maxTradeBankrollBps: bps(10_000n),
  maxTradeNotionalMicros: usd(10n ** 12n),
});
const DEEP = { ...BOOK, asks: [level(500_000n, 10n ** 15n)] };

/** That a copy fits into the caps in force right now, with everything that is open counted. */
function expectInside(copy: Copy, { account, exposure }: Pick<DecisionInputs, 'account' | 'exposure'>): void {
  const equity = equityOf(account) ?? usd(0n);
  const { guardrails } = CONFIGURED;
  const caps = [
    [exposure.total, guardrails.maxTotalExposureBps],
    [exposure.market, guardrails.maxMarketExposureBps],
    [exposure.leader, guardrails.maxLeaderExposureBps],
  ] as const;
  for (const [{ bookedMicros, reservedMicros }, cap] of caps)
    expect((bookedMicros + reservedMicros + copy.target.notionalMicros) * 10_000n <= equity * cap).toBe(true);
}

/** Takes the steps in turn, and gives the account with nothing open any more. */
function run(steps: readonly Step[]) {
  const account = createAccount(DEPOSIT);
  let copies = 0;
  for (const next of steps) {
    if (next.kind === 'final') {
      account.finish(next.which, next.percent);
      continue;
    }
    const [leader, market] = [`leader ${next.leader}`, `market ${next.market}`];
    const group = groupFacts({ notionalMicros: usd(next.notional), sizeMicros: shares(next.notional * 2n) });
    const facts = account.facts(leader, market);
    const answer = decide(someInputs({ config: CONFIGURED, book: DEEP, group, ...facts }));
    if (answer.kind !== 'copy') continue;
    copies += 1;
    expectInside(answer, facts);
    account.reserve(['total', leader, market], answer);
    expect(account.freeCash() >= 0n).toBe(true);
  }
  account.bookAll();
  return { account, copies };
}

/** That all copies together stay inside: equity only falls, by fees, so that the deposit's own caps bound everything. */
function expectAllInside(account: ReturnType<typeof createAccount>): void {
  const { maxTotalExposureBps, maxLeaderExposureBps, maxMarketExposureBps } = CONFIGURED.guardrails;
  const within = (key: string, cap: Parameters<typeof portion>[1]): boolean =>
    account.exposureOf(key) <= portion(usd(DEPOSIT), cap, 'down');
  expect(account.cash() >= 0n).toBe(true);
  expect(within('total', maxTotalExposureBps)).toBe(true);
  for (let n = 0; n < 4; n++) {
    expect(within(`leader ${n}`, maxLeaderExposureBps)).toBe(true);
    expect(within(`market ${n}`, maxMarketExposureBps)).toBe(true);
  }
}

describe('caps under any interleaving', () => {
  test('hold for each copy when it is decided and for all of them at the end, and the cash is never gone', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 60 }), (steps) => {
        expectAllInside(run(steps).account);
      }),
      { numRuns: 500 },
    );
  });

  test('hold for a hundred decisions at one instant', () => {
    const hundred = fc.array(decision, { minLength: 100, maxLength: 100 });
    fc.assert(
      fc.property(hundred, (steps) => {
        expectAllInside(run(steps).account);
      }),
      { numRuns: 50 },
    );
  });

  test('a hundred alike fill the market up to its cap and no further', () => {
    const alike: Step = { kind: 'decide', leader: 0, market: 0, notional: 1_000_000_000n };
    const { account, copies } = run(Array.from({ length: 100 }, () => alike));
    // Each holds back 10.25 dollars of 500 with its fee, and is 10 dollars itself.
    expect(copies).toBe(48);
    expect(account.exposureOf('market 0')).toBe(480_000_000n);
  });

  test('what is let go makes room again', () => {
    const alike: Step = { kind: 'decide', leader: 0, market: 0, notional: 1_000_000_000n };
    const gone: Step = { kind: 'final', which: 0, percent: 0 };
    const hundred = Array.from({ length: 100 }, () => [alike, gone]).flat();
    expect(run(hundred)).toMatchObject({ copies: 100 });
  });
});
