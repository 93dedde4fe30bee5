const STATE_MASK = 0xffff_ffff;
const FIRST_STATE = 0x9e37_79b9;

/** Numbers that look random and are the same for the same seed (mulberry32). */
export type Random = {
  /** From 0 up to, not including, `n`. */
  below(n: number): number;
  chance(part: number): boolean;
  pick<T>(items: readonly [T, ...T[]] | readonly T[]): T;
};

export function randomFrom(seed: number): Random {
  let state = (seed ^ FIRST_STATE) & STATE_MASK;
  const next = (): number => {
    state = (state + 0x6d2b_79f5) & STATE_MASK;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    below: (n) => Math.floor(next() * n),
    chance: (part) => next() < part,
    pick: (items) => {
      const item = items[Math.floor(next() * items.length)];
      if (item === undefined) throw new RangeError('there is nothing to pick from');
      return item;
    },
  };
}
