import { decide } from '../services/decider/src/core/decide.ts';
import { someInputs, someSale } from '../services/decider/test/builders.ts';
import { median } from './statistics.ts';

const ROUNDS = 7;
const PER_ROUND = 20_000;
const WARM_UP = 5_000;

/** Decisions of the pure core in one process: a copy, a sale and a skip in turn. */
export function benchDecide() {
  const inputs = [someInputs(), someSale(), someInputs({ config: null })] as const;
  const run = (n: number): void => {
    for (let i = 0; i < n; i++) {
      const input = inputs[i % inputs.length];
      if (input !== undefined) decide(input);
    }
  };
  run(WARM_UP);
  const rates = Array.from({ length: ROUNDS }, () => {
    const began = performance.now();
    run(PER_ROUND);
    return PER_ROUND / ((performance.now() - began) / 1_000);
  });
  return { perSecond: Math.round(median(rates) ?? 0), rounds: ROUNDS };
}
