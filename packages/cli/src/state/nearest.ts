/** The word that a mistyped one was probably meant to be: one that it begins, or differs from in a letter or two. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  const typed = word.toLowerCase();
  const begun = words.find((one) => typed !== '' && one.startsWith(typed));
  if (begun !== undefined) return begun;
  // Long input is no slip of the finger, and costs time.
  if (typed.length > 20) return undefined;
  const ranked = words
    .map((one) => ({ word: one, distance: distance(typed, one) }))
    .toSorted((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= Math.min(2, best.word.length - 1) ? best.word : undefined;
}

/** Letters to insert, drop or change (Levenshtein). */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
