import { describe, expect, test } from 'vitest';
import { holdAfter, NO_HOLD } from './patience.ts';

const AT = 1_000_000;

describe('the hold after the exchange asked for patience', () => {
  test('doubles where the exchange does not say for how long, up to half a minute', () => {
    const waits: number[] = [];
    let [hold, now] = [NO_HOLD, AT];
    for (let times = 0; times < 8; times++) {
      hold = holdAfter(hold, 'RESTARTING', null, now);
      waits.push(hold.untilMs - now);
      now = hold.untilMs;
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  test('is one for orders that were on their way together', () => {
    const first = holdAfter(NO_HOLD, 'RESTARTING', null, AT);
    expect(holdAfter(first, 'RESTARTING', null, AT + 999)).toBe(first);
  });

  test('is as long as the exchange says, and never becomes shorter', () => {
    const long = holdAfter(NO_HOLD, 'POST_ONLY', 120_000, AT);
    expect(long.untilMs).toBe(AT + 120_000);
    expect(holdAfter(long, 'RATE_LIMITED', 1_000, AT + 1).untilMs).toBe(AT + 120_000);
    expect(holdAfter(long, 'RATE_LIMITED', 0, AT + 130_000).untilMs).toBe(AT + 130_000);
  });
});
