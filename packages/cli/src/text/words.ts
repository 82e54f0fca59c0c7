import { displayWidth } from './width.ts';

/**
 * Breaks a line between its words, so that it fits into so many columns; what follows the first row is indented. A word
 * that is wider than a row stays whole.
 */
export function wrapWords(line: string, columns: number, indent = ''): string[] {
  const rows: string[] = [];
  let row = '';
  for (const word of line.split(/(?<= )(?=[^ ])/)) {
    if (row.trim() !== '' && displayWidth((row + word).trimEnd()) > columns) {
      rows.push(row.trimEnd());
      row = indent;
    }
    row += word;
  }
  return [...rows, row.trimEnd()];
}
