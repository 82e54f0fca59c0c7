import type { Typed } from '../state/line-editor.ts';
import { breakRows, type Cell } from '../text/rows.ts';
import { sanitise } from '../text/sanitise.ts';
import { displayWidth } from '../text/width.ts';
import type { Screen } from './line-input.ts';

/** The prompt with what is typed behind it, on a terminal. */
export interface PromptLine {
  /** Brings what is shown up to date. */
  show(prompt: string, typed: Typed): void;
  /** Makes room: what is written next stands at the beginning of a row. */
  hide(): void;
  /** Leaves what is shown where it is, and goes to the next row. */
  finish(): void;
}

/** Taken off the screen and drawn again whenever something changes. Takes all rows that it needs, as far as there are. */
export class RewrittenLine implements PromptLine {
  readonly #screen: Screen;
  readonly #isAscii: boolean;
  /** What stands on the screen: how wide its rows are, and where the cursor is. Undefined: nothing. */
  #drawn: { readonly widths: readonly number[]; readonly cursor: Cell } | undefined;

  constructor(screen: Screen, isAscii: boolean) {
    this.#screen = screen;
    this.#isAscii = isAscii;
  }

  show(prompt: string, { text, caret }: Typed): void {
    const ascii = this.#isAscii;
    const before = sanitise(prompt, { ascii }) + sanitise(text.slice(0, caret), { multiline: true, ascii });
    const after = sanitise(text.slice(caret), { multiline: true, ascii });
    const laidOut = breakRows(before, after, this.#columns);
    const { rows, cursor } = inSight(laidOut.rows, laidOut.caret, Math.max(1, rowsOf(this.#screen) - 1));
    const back = up(rows.length - 1 - cursor.row);
    this.#screen.write(`${this.#erasing()}${rows.join('\n')}${back}\r${right(cursor.column)}`);
    this.#drawn = { widths: rows.map(displayWidth), cursor };
  }

  hide(): void {
    const erasing = this.#erasing();
    if (erasing !== '') this.#screen.write(erasing);
    this.#drawn = undefined;
  }

  finish(): void {
    const { widths, cursor } = this.#drawn ?? { widths: [0], cursor: { row: 0, column: 0 } };
    this.#screen.write(`${'\n'.repeat(widths.length - 1 - cursor.row)}\n`);
    this.#drawn = undefined;
  }

  get #columns(): number {
    return columnsOf(this.#screen);
  }

  /** From the cursor to where the first row begins, and all below cleared. After a resize rows may have been broken. */
  #erasing(): string {
    if (this.#drawn === undefined) return '';
    const { widths, cursor } = this.#drawn;
    const rowsFor = (width: number): number => Math.max(1, Math.ceil(width / this.#columns));
    const above = widths.slice(0, cursor.row).reduce((sum, width) => sum + rowsFor(width), 0);
    return `\r${up(above + Math.floor(cursor.column / this.#columns))}\u001B[J`;
  }
}

/** Append-only, for screen readers: no cursor movement but the backspace with which any terminal erases. */
export class SpokenLine implements PromptLine {
  readonly #screen: Screen;
  readonly #isAscii: boolean;
  /** What stands on the row that is written to; undefined: nothing. */
  #shown: { readonly prompt: string; readonly text: string } | undefined;

  constructor(screen: Screen, isAscii: boolean) {
    this.#screen = screen;
    this.#isAscii = isAscii;
  }

  show(prompt: string, typed: Typed): void {
    const ascii = this.#isAscii;
    const next = { prompt: sanitise(prompt, { ascii }), text: sanitise(typed.text, { multiline: true, ascii }) };
    const shown = this.#shown ?? { prompt: '', text: '' };
    const kept = shown.prompt === next.prompt ? commonStart(shown.text, next.text) : undefined;
    const erased = kept === undefined ? undefined : this.#erasing(shown, kept.length);
    if (kept !== undefined && erased !== undefined) this.#screen.write(erased + next.text.slice(kept.length));
    else this.#screen.write(`${this.#shown === undefined ? '' : '\n'}${next.prompt}${next.text}`);
    this.#shown = next.prompt + next.text === '' ? undefined : next;
  }

  hide(): void {
    if (this.#shown !== undefined) this.#screen.write('\n');
    this.#shown = undefined;
  }

  finish(): void {
    this.#screen.write('\n');
    this.#shown = undefined;
  }

  /** Undefined where backspaces do not reach: they stay on their row. */
  #erasing(shown: { readonly prompt: string; readonly text: string }, from: number): string | undefined {
    const gone = shown.text.slice(from);
    if (gone === '') return '';
    const isOneRow = !shown.text.includes('\n') && displayWidth(shown.prompt + shown.text) < columnsOf(this.#screen);
    return isOneRow ? '\b \b'.repeat(displayWidth(gone)) : undefined;
  }
}

/** So many rows that the one with the cursor is among them: what is taller than the screen cannot be taken off again. */
function inSight(rows: readonly string[], caret: Cell, most: number): { rows: readonly string[]; cursor: Cell } {
  const first = Math.max(0, Math.min(rows.length - most, caret.row - Math.floor(most / 2)));
  return { rows: rows.slice(first, first + most), cursor: { ...caret, row: caret.row - first } };
}

/** Terminals that nobody told their size say 0. */
function columnsOf({ columns }: Screen): number {
  return columns === undefined || columns === 0 ? 80 : columns;
}

function rowsOf({ rows }: Screen): number {
  return rows === undefined || rows === 0 ? 24 : rows;
}

function up(rows: number): string {
  return rows === 0 ? '' : `\u001B[${rows}A`;
}

function right(columns: number): string {
  return columns === 0 ? '' : `\u001B[${columns}C`;
}

function commonStart(one: string, other: string): string {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return one.slice(0, length);
}
