// Medians with quartiles, and ratios formed pair by pair, so that a slow minute of the machine
// falls on both sides of the division.

export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const low = Math.floor(at);
  const high = Math.ceil(at);
  return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
}

export function summary(values) {
  return {
    median: quantile(values, 0.5),
    lower: quantile(values, 0.25),
    upper: quantile(values, 0.75),
    count: values.length,
  };
}

// How many times as good Stoa is as the other, where less is better (or more, as told).
export function ratios(stoa, other, better) {
  const pairs = stoa.map((value, i) => (better === 'less' ? other[i] / value : value / other[i]));
  return summary(pairs);
}
