/** Wall-clock microseconds since the epoch, for the hops of a trace: a measurement, never an input to a decision. */
export const stamp = (): number => Math.round((performance.timeOrigin + performance.now()) * 1_000);
