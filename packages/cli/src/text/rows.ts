import { firstGraphemeLength, graphemesOf } from './graphemes.ts';
import { displayWidth } from './width.ts';

/** A place on the screen, counted from where a text begins. */
export interface Cell {
  readonly row: number;
  readonly column: number;
}

/** A text as it stands on the rows of a terminal. */
export interface Rows {
  readonly rows: readonly string[];
  readonly caret: Cell;
}

/**
 * Breaks a sanitised text into rows of so many columns, at line feeds and wherever the next character does not fit,
 * and says where the caret between its two parts stands. A full row is followed by an empty one when the caret belongs
 * behind it: terminals do not agree where a cursor behind the last column stands.
 */
export function breakRows(before: string, after: string, columns: number): Rows {
  const breaker = new Breaker(Math.max(2, columns));
  breaker.take(before);
  breaker.makeRoom(after);
  const caret = breaker.cell;
  breaker.take(after);
  return { rows: breaker.rows, caret };
}

class Breaker {
  readonly rows: string[] = [''];
  readonly #columns: number;
  #column = 0;

  constructor(columns: number) {
    this.#columns = columns;
  }

  get cell(): Cell {
    return { row: this.rows.length - 1, column: this.#column };
  }

  take(text: string): void {
    for (const { segment } of graphemesOf(text)) {
      if (segment === '\n') this.#newRow();
      else this.#put(segment);
    }
  }

  /** The caret stands where the next character will: on the next row when that does not fit on this one. */
  makeRoom(next: string): void {
    const first = next.slice(0, firstGraphemeLength(next));
    const width = first === '' || first === '\n' ? 1 : displayWidth(first);
    if (this.#column + width > this.#columns) this.#newRow();
  }

  #put(grapheme: string): void {
    const width = displayWidth(grapheme);
    if (this.#column + width > this.#columns && this.#column > 0) this.#newRow();
    this.rows[this.rows.length - 1] += grapheme;
    this.#column += width;
  }

  #newRow(): void {
    this.rows.push('');
    this.#column = 0;
  }
}
