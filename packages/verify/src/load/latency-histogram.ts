/** Buckets per doubling: a value is known to 1/64, which is 1.6 %. */
const STEPS = 64;
const DOUBLINGS = 26;

/** Latencies in microseconds, kept in buckets so that recording costs a few nanoseconds and no memory. */
export class LatencyHistogram {
  readonly #buckets = new Uint32Array(STEPS * DOUBLINGS);
  #count = 0;
  #max = 0;

  /** Records one latency. Negative ones count as 0; above 2,000 s all are one. */
  record(microseconds: number): void {
    const value = Math.max(0, Math.round(microseconds));
    const bucket = Math.min(bucketOf(value), this.#buckets.length - 1);
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
    this.#count += 1;
    if (value > this.#max) this.#max = value;
  }

  get count(): number {
    return this.#count;
  }

  /** The largest one, exactly, in microseconds. */
  get max(): number {
    return this.#max;
  }

  /** The latency that this share (0 to 1) of all do not exceed, in microseconds; NaN when nothing was recorded. */
  quantile(share: number): number {
    if (this.#count === 0) return Number.NaN;
    const wanted = Math.max(1, Math.ceil(share * this.#count));
    let seen = 0;
    for (const [bucket, count] of this.#buckets.entries()) {
      seen += count;
      if (seen >= wanted) return Math.min(upperEndOf(bucket), this.#max);
    }
    return this.#max;
  }

  clear(): void {
    this.#buckets.fill(0);
    this.#count = 0;
    this.#max = 0;
  }
}

/** Below 128 one bucket a microsecond; above, 64 buckets a doubling. */
function bucketOf(value: number): number {
  if (value < 2 * STEPS) return value;
  const shift = 31 - Math.clz32(value) - 6;
  return shift * STEPS + (value >>> shift);
}

function upperEndOf(bucket: number): number {
  if (bucket < 2 * STEPS) return bucket;
  const shift = Math.floor(bucket / STEPS) - 1;
  return (bucket - shift * STEPS + 1) * 2 ** shift - 1;
}
