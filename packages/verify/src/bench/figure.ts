/** What a figure must keep to: its ratio to the bound, or its own value. */
export interface Limit {
  readonly of: 'best ratio' | 'median ratio' | 'best' | 'median';
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** One thing that was measured in some rounds, with its bound (the bare relay) in the same rounds, alternating. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  /** Whether more is better (messages a second) or less (milliseconds). */
  readonly better: 'more' | 'less';
  /** Parley's values, one a round. */
  readonly ours: readonly number[];
  /** The bound's; empty when there is none. */
  readonly bound: readonly number[];
  /** Met when any one of them is; none: the figure is only told. */
  readonly limits: readonly Limit[];
}

/** A figure boiled down. Ratios are Parley ÷ bound in one round: of the best round, and the median of all. */
export interface FigureSummary {
  readonly best: number;
  readonly median: number;
  readonly boundBest: number;
  readonly boundMedian: number;
  readonly bestRatio: number;
  readonly medianRatio: number;
  /** Undefined without limits. */
  readonly met: boolean | undefined;
}

/**
 * Boils a figure down. `ours` and `bound` must be of the same rounds, in the same order; without a bound its values and
 * the ratios are NaN.
 */
export function summarise(figure: Figure): FigureSummary {
  const pick = figure.better === 'more' ? Math.max : Math.min;
  const best = pick(...figure.ours);
  const boundBest = figure.bound.length === 0 ? Number.NaN : pick(...figure.bound);
  // Only values of one round were measured side by side.
  const ratios = figure.bound.map((bound, round) => (figure.ours[round] ?? Number.NaN) / bound);
  const values = {
    best,
    median: median(figure.ours),
    boundBest,
    boundMedian: median(figure.bound),
    bestRatio: ratios.length === 0 ? Number.NaN : pick(...ratios),
    medianRatio: median(ratios),
  };
  const met = figure.limits.length === 0 ? undefined : figure.limits.some((limit) => isMet(limit, values));
  return { ...values, met };
}

/** The middle value, or the mean of the two in the middle; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** `best ratio ≥ 0.35` */
export function describeLimit(limit: Limit, unit: string): string {
  const sign = limit.atLeast === undefined ? `≤ ${limit.atMost}` : `≥ ${limit.atLeast}`;
  return `${limit.of} ${sign}${limit.of.endsWith('ratio') ? '' : ` ${unit}`}`;
}

function isMet(limit: Limit, values: Omit<FigureSummary, 'met'>): boolean {
  const value = {
    'best ratio': values.bestRatio,
    'median ratio': values.medianRatio,
    best: values.best,
    median: values.median,
  }[limit.of];
  return value >= (limit.atLeast ?? Number.NEGATIVE_INFINITY) && value <= (limit.atMost ?? Number.POSITIVE_INFINITY);
}
