import { bps, portion, shares, usd } from '@slipstream/money';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BOOK, CONFIG, groupFacts, level, someInputs } from '../../test/builders.ts';
import { decide } from './decide.ts';
import type { DecisionInputs } from './inputs.ts';

/** One thing that happens: a decision, or the booking of the oldest copy that is still open. */
type Step = { readonly leader: number; readonly market: number; readonly notional: bigint } | 'book';

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      leader: fc.nat(2),
      market: fc.nat(3),
      notional: fc.bigInt(1_000_000n, 10n ** 12n),
    }),
  },
  { weight: 1, arbitrary: fc.constant('book' as const) },
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
    reserve: (keys: readonly string[], target: bigint, hold: bigint): void => {
      open.push({ keys, target, cash: hold });
      add(reserved, keys, hold);
    },
    book: (): void => {
      const copy = open.shift();
      if (copy === undefined) return;
      add(reserved, copy.keys, -copy.cash);
      add(booked, copy.keys, copy.target);
      cash -= copy.cash;
    },
    bookAll(): void {
      while (open.length > 0) this.book();
    },
    cash: () => cash,
    exposureOf: (key: string) => booked.get(key) ?? 0n,
    equity: () => cash + (booked.get('total') ?? 0n),
  };
}

const DEPOSIT = 10_000_000_000n;

describe('caps under any interleaving', () => {
  test('what all copies come to never exceeds a cap, nor the cash, however bookings fall between decisions', () => {
    const config = {
      ...CONFIG,
      sizing: {
        ...CONFIG.sizing,
        maxTradeBankrollBps: bps(10_000n),
        maxTradeNotionalMicros: usd(10n ** 12n),
      },
    };
    const deep = { ...BOOK, asks: [level(500_000n, 10n ** 15n)] };
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 60 }), (steps) => {
        const account = createAccount(DEPOSIT);
        for (const next of steps) {
          if (next === 'book') account.book();
          else {
            const [leader, market] = [`leader ${next.leader}`, `market ${next.market}`];
            const group = groupFacts({
              notionalMicros: usd(next.notional),
              sizeMicros: shares(next.notional * 2n),
            });
            const decision = decide(
              someInputs({ config, book: deep, group, ...account.facts(leader, market) }),
            );
            if (decision.kind === 'copy')
              account.reserve(
                ['total', leader, market],
                decision.target.notionalMicros,
                decision.reserve.cashMicros,
              );
          }
        }
        account.bookAll();
        expect(account.cash() >= 0n).toBe(true);
        // Equity only falls, by fees, so that the deposit's own caps bound everything.
        const within = (key: string, cap: Parameters<typeof portion>[1]): boolean =>
          account.exposureOf(key) <= portion(usd(DEPOSIT), cap, 'down');
        expect(within('total', config.guardrails.maxTotalExposureBps)).toBe(true);
        for (let n = 0; n < 4; n++) {
          expect(within(`leader ${n}`, config.guardrails.maxLeaderExposureBps)).toBe(true);
          expect(within(`market ${n}`, config.guardrails.maxMarketExposureBps)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('a hundred decisions at one instant stay inside together', () => {
    const account = createAccount(DEPOSIT);
    let copies = 0;
    for (let n = 0; n < 100; n++) {
      const decision = decide(someInputs(account.facts('leader 0', 'market 0')));
      if (decision.kind !== 'copy') continue;
      copies += 1;
      account.reserve(
        ['total', 'leader 0', 'market 0'],
        decision.target.notionalMicros,
        decision.reserve.cashMicros,
      );
    }
    account.bookAll();
    expect(copies).toBeGreaterThan(10);
    expect(account.exposureOf('market 0') <= (DEPOSIT * 500n) / 10_000n).toBe(true);
  });
});
