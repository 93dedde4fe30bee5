/** The value below which `part` of the sorted numbers lie; null when there are none. */
function quantile(numbers: readonly number[], part: number): number | null {
  if (numbers.length === 0) return null;
  const sorted = [...numbers].sort((a, b) => a - b);
  const index = Math.min(sorted.length - 1, Math.floor(part * sorted.length));
  return sorted[index] ?? null;
}

const round = (n: number | null): number | null => (n === null ? null : Math.round(n * 1000) / 1000);

export const spreadOf = (numbers: readonly number[]) => ({
  p50: round(quantile(numbers, 0.5)),
  p99: round(quantile(numbers, 0.99)),
  count: numbers.length,
});

export const median = (numbers: readonly number[]): number | null => round(quantile(numbers, 0.5));
