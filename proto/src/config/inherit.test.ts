import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inherit } from './inherit.ts';
import { INITIAL_RULES } from './initial.ts';
import { LeaderRules, Rules } from './rules.ts';

const MODE = Rules.parse(INITIAL_RULES);

const bps = fc.integer({ min: 0, max: 10_000 }).map(String);
const micros = fc.bigInt({ min: 0n, max: 10n ** 12n }).map(String);
const tokens = fc.array(fc.integer({ min: 1, max: 50 }).map(String), { maxLength: 4 });

/** Any fields of a leader's own, in any combination. */
const ownWire = fc.record(
  {
    aggregationWindowMs: fc.integer({ min: 0, max: 60_000 }),
    guardrails: fc.record(
      {
        maxTotalExposureBps: bps,
        maxDrawdownBps: bps,
        bookWaitMs: fc.integer({ min: 0, max: 900 }),
        blacklistedTokens: tokens,
      },
      { requiredKeys: [] },
    ),
    sizing: fc.record(
      { copyPctNotionalBps: bps, maxTradeNotionalMicros: micros, budgetMicros: fc.option(micros) },
      { requiredKeys: [] },
    ),
    buffering: fc.record({ enabled: fc.boolean(), notionalThresholdMicros: micros }, { requiredKeys: [] }),
    live: fc.record({ sellMaxWorseningMicros: fc.constantFrom(null, '5000') }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
);
const own = ownWire.map((wire) => LeaderRules.parse(wire));

const SECTIONS = ['sizing', 'buffering', 'capitalStop', 'live', 'guardrails'] as const;
const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

describe('inherit', () => {
  test('nothing of his own is the mode', () => {
    expect(inherit(MODE, null)).toEqual(MODE);
    expect(inherit(MODE, {})).toEqual(MODE);
  });

  test('field by field: his own where he has one, the mode’s where not', () => {
    fc.assert(
      fc.property(own, (rules) => {
        const effective = inherit(MODE, rules);
        expect(effective.aggregationWindowMs).toBe(rules.aggregationWindowMs ?? MODE.aggregationWindowMs);
        for (const section of SECTIONS) {
          const his = new Map<string, unknown>(Object.entries(rules[section] ?? {}));
          for (const [field, value] of Object.entries(effective[section])) {
            const [mine, modes] = [his.get(field), Reflect.get(MODE[section], field)];
            if (isList(value)) expect(value).toEqual([...new Set([...modes, ...(isList(mine) ? mine : [])])]);
            else expect(value).toEqual(his.has(field) ? mine : modes);
          }
        }
      }),
    );
  });

  test('once or twice is the same, and the mode itself stays as it is', () => {
    const before = structuredClone(MODE);
    fc.assert(
      fc.property(own, (rules) => {
        const once = inherit(MODE, rules);
        expect(inherit(once, rules)).toEqual(once);
      }),
    );
    expect(MODE).toEqual(before);
  });

  test('never allows a token that the mode forbids', () => {
    fc.assert(
      fc.property(own, tokens, (rules, forbidden) => {
        const mode = { ...MODE, guardrails: { ...MODE.guardrails, blacklistedTokens: forbidden } };
        const effective = new Set(inherit(mode, rules).guardrails.blacklistedTokens);
        for (const token of forbidden) expect(effective.has(token)).toBe(true);
      }),
    );
  });

  test('the order in which fields were written does not matter', () => {
    fc.assert(
      fc.property(ownWire, (wire) => {
        const turned = Object.fromEntries(Object.entries(wire).reverse());
        expect(inherit(MODE, LeaderRules.parse(turned))).toEqual(inherit(MODE, LeaderRules.parse(wire)));
      }),
    );
  });
});
