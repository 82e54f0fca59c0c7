const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** No real character is longer, in UTF-16 units; so a step in a long text looks at a small piece of it. */
const LONGEST = 64;

/** A text in the pieces that a reader takes for one character each, an emoji of many code points being one; lazily. */
export function graphemesOf(text: string): Intl.Segments {
  return segmenter.segment(text);
}

/** How long the last grapheme of a text is, in UTF-16 units; 0 for no text. */
export function lastGraphemeLength(text: string): number {
  return Array.from(graphemesOf(text.slice(-LONGEST))).at(-1)?.segment.length ?? 0;
}

/** How long the first grapheme of a text is, in UTF-16 units; 0 for no text. */
export function firstGraphemeLength(text: string): number {
  for (const { segment } of graphemesOf(text.slice(0, LONGEST))) return segment.length;
  return 0;
}
