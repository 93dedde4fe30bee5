import type { TradeSource } from '@slipstream/proto';
import { describe, expect, test } from 'vitest';
import { Coverage, MISSED_AFTER_MS } from './coverage.ts';

const sight = (tradeId: string, source: TradeSource, seenAtMs: number, isFirst = false) => ({
  tradeId,
  source,
  isFirst,
  occurredAtMs: 0,
  seenAtMs,
});

describe('Coverage', () => {
  test('counts who was first, who confirmed and how late', () => {
    const coverage = new Coverage(['chain', 'rtds']);
    expect(coverage.saw(sight('a', 'chain', 3_000, true))).toEqual({ delayMs: 3_000, lagMs: null });
    expect(coverage.saw(sight('a', 'rtds', 4_200))).toEqual({ delayMs: 4_200, lagMs: 1_200 });
    expect(coverage.figures().get('chain')).toMatchObject({ first: 1, confirmed: 0, delayP50Ms: 3_000 });
    expect(coverage.figures().get('rtds')).toMatchObject({ first: 0, confirmed: 1, lagP99Ms: 1_200 });
  });

  test('a source that shows nothing in time has missed it; one that is off misses nothing', () => {
    const coverage = new Coverage(['rtds', 'data-api']);
    coverage.saw(sight('a', 'rtds', 0, true));
    expect(coverage.settle(MISSED_AFTER_MS)).toEqual([]);
    expect(coverage.settle(MISSED_AFTER_MS + 1)).toEqual(['data-api']);
    expect(coverage.settle(MISSED_AFTER_MS * 9)).toEqual([]);
    expect(coverage.figures().get('data-api')).toMatchObject({ missed: 1, delayP50Ms: null });
    expect(coverage.figures().has('chain')).toBe(false);
  });

  test('a confirmation of what an earlier life saw first has no lag', () => {
    const coverage = new Coverage(['rtds']);
    expect(coverage.saw(sight('a', 'rtds', 5_000))).toEqual({ delayMs: 5_000, lagMs: null });
  });

  test('a clock that is behind the chain’s makes no negative delay', () => {
    const coverage = new Coverage(['chain']);
    expect(coverage.saw({ ...sight('a', 'chain', 1_000, true), occurredAtMs: 1_500 }).delayMs).toBe(0);
  });
});
