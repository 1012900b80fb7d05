/** One slow round on a busy machine does not move it. */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * a ÷ b, where `a` is what was measured and `b` as well, or a number; null when there is only one of them. Of two
 * measurements it is the median of the rounds' own ratios: what slowed one of a round's contestants slowed both.
 */
export function ratio(a, b) {
  if (!a || !b) return null;
  if (typeof b === 'number') return a.median / b;
  return median(a.results.map(({ value }, round) => value / b.results[round].value));
}
