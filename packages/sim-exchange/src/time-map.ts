/** Recorded milliseconds to milliseconds of the replay; never decreasing. */
export type TimeMap = (recordedMs: number) => number;

/**
 * Moves a recording so that it begins at `beginMs`, plays it `speed` times as fast, and shortens what is then still a
 * silence of more than `silenceMaxMs`. Instants between two events are placed in proportion, those after the last
 * keep their distance.
 */
export function timeMapOf(
  recordedMs: readonly number[],
  beginMs: number,
  speed: number,
  silenceMaxMs: number,
): TimeMap {
  const points: { readonly from: number; readonly to: number }[] = [];
  for (const at of recordedMs) {
    const last = points.at(-1);
    if (last === undefined) points.push({ from: at, to: beginMs });
    else if (at > last.from)
      points.push({ from: at, to: last.to + Math.min((at - last.from) / speed, silenceMaxMs) });
  }
  return (ms) => {
    const first = points[0];
    if (first === undefined || ms <= first.from) return Math.round(beginMs - ((first?.from ?? ms) - ms));
    let [low, high] = [0, points.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((points[middle]?.from ?? 0) <= ms) low = middle;
      else high = middle - 1;
    }
    const here = points[low] ?? first;
    const next = points[low + 1];
    if (next === undefined) return Math.round(here.to + (ms - here.from));
    return Math.round(here.to + ((ms - here.from) / (next.from - here.from)) * (next.to - here.to));
  };
}
