/** Does `work` for the numbers 0 to count − 1, at most `width` at once; results are in the order of the numbers. */
export async function concurrently<T>(
  count: number,
  width: number,
  work: (number: number) => Promise<T>,
): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  async function lane(): Promise<void> {
    while (next < count) {
      const number = next;
      next += 1;
      results[number] = await work(number);
    }
  }
  await Promise.all(Array.from({ length: Math.min(width, count) }, lane));
  return results;
}

/** Repeats `work` in `width` lanes for that long; returns how many were done and in how many seconds. */
export async function repeatFor(
  ms: number,
  width: number,
  work: (number: number) => Promise<void>,
): Promise<{ done: number; seconds: number }> {
  const begin = performance.now();
  let started = 0;
  let done = 0;
  async function lane(): Promise<void> {
    while (performance.now() - begin < ms) {
      started += 1;
      await work(started);
      done += 1;
    }
  }
  await Promise.all(Array.from({ length: width }, lane));
  return { done, seconds: (performance.now() - begin) / 1_000 };
}

/** A loopback address for the nth connection: each has 28,000 ports, and closed ones are held for a minute. */
export function loopbackAddress(number: number): string {
  return `127.0.0.${2 + (number % 200)}`;
}
