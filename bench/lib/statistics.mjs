/** One slow round on a busy machine does not move it. */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** a ÷ b, of measured cells or plain numbers; null when there is only one of them. */
export function ratio(a, b) {
  const number = (value) => (typeof value === 'object' ? value.median : value);
  return a && b ? number(a) / number(b) : null;
}
