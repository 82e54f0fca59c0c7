import { printable } from './printable.ts';

/** Fits a terminal of 80 columns, and leaves the last one free: a full line would wrap on some. */
const COLUMNS = 79;

/**
 * Breaks a text between words, for people, and makes it harmless.
 * @param first stands before its first line; the others are indented as far
 * @returns lines; a word that is longer than a line has one for itself
 */
export function wrap(first: string, text: string): string[] {
  const indent = ' '.repeat(first.length);
  const lines: string[] = [];
  let line = first;
  for (const word of printable(text).split(' ')) {
    const isBegun = line.length > indent.length;
    if (isBegun && line.length + 1 + word.length > COLUMNS) {
      lines.push(line);
      line = indent + word;
    } else {
      line += isBegun ? ` ${word}` : word;
    }
  }
  return [...lines, line];
}
