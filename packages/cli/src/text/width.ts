import stringWidth from 'string-width';
import { graphemesOf } from './graphemes.ts';

/**
 * Columns that a sanitised line takes in a terminal: 2 for wide characters and emoji, 0 for marks.
 * Ambiguous characters count 1, as terminals outside East Asian locales have it.
 */
export function displayWidth(text: string): number {
  // Nothing that comes here may hold an escape sequence, so that none is to be left out.
  return stringWidth(text, { countAnsiEscapeCodes: true });
}

/**
 * The longest beginning of a line that fits into so many columns, in whole graphemes; `ellipsis` stands for what was
 * cut off, as far as it fits itself. The result may be one column short, where a wide character met the edge.
 */
export function truncate(text: string, columns: number, ellipsis = '…'): string {
  const full = takeColumns(text, columns);
  if (full.length === text.length) return text;
  const mark = takeColumns(ellipsis, columns);
  return takeColumns(text, columns - displayWidth(mark)) + mark;
}

/** Fills a line with spaces up to so many columns. Longer lines are returned as they are. */
export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - displayWidth(text)));
}

/** Reads no further than it has to, so that a long line costs no more than the columns that it gets. */
function takeColumns(text: string, columns: number): string {
  let taken = 0;
  for (const { segment, index } of graphemesOf(text)) {
    taken += displayWidth(segment);
    if (taken > columns) return text.slice(0, index);
  }
  return text;
}
