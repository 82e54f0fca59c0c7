import type { Writable } from 'node:stream';
import type { Typed } from '../state/line-editor.ts';
import type { Completed } from '../state/tab-completion.ts';
import type { EnteredLine } from './line-queue.ts';
import { PipedInput } from './piped-input.ts';
import type { SayWhen } from './sayer.ts';
import { TypedInput } from './typed-input.ts';

/** A terminal, or a file or pipe. */
export type Screen = Writable & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number };

export interface LineInputOptions {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean; setRawMode?(isRaw: boolean): unknown };
  readonly output: Screen;
  /** The terminal can neither move its cursor nor clear a line. */
  readonly isDumb: boolean;
  /** What is shown is spoken: nothing is written over. */
  readonly isSpoken: boolean;
  /** The terminal shows nothing but ASCII. */
  readonly isAscii: boolean;
  /** When lines that come in are shown. */
  readonly say: SayWhen;
}

/** What is typed, told in order. */
export interface LineListener {
  onLine(line: EnteredLine): void;
  /** Ctrl-C on a terminal. */
  onInterrupt(): void;
  /** Ctrl-D, or the end of the file. */
  onEnd(): void;
  /** What is typed has changed. */
  onTyped?(text: string): void;
  /** Tab: what becomes of what is typed. */
  complete?(typed: Typed): Completed;
  /** A key that does something else than edit, such as `M-a`. */
  onKey?(name: string): void;
}

/** Where lines come from, and what is printed above the one that is being typed. What is printed is sanitised here. */
export interface LineInput {
  /** Someone types here. */
  readonly isTerminal: boolean;
  /** What is typed and not entered, as far as that is known. */
  readonly typed: string;
  /** Shows a prompt for the next line; `isSecret`: what is typed is not shown. On pipes nothing is shown. */
  prompt(text: string, isSecret?: boolean): void;
  /** Prints lines that never land inside what is being typed. */
  print(text: string): void;
  /** Puts a text into the line, to be edited. */
  setTyped(text: string): void;
  /** Drops what is typed; it can be had back from the history. */
  clear(): void;
  close(): void;
}

/**
 * On a terminal keys are read and lines edited here; a dumb one edits its lines itself, and on pipes there is nothing
 * to edit. [CLI-4]
 */
export function openLineInput(options: LineInputOptions, listener: LineListener): LineInput {
  const isTyped = options.input.isTTY === true && options.output.isTTY === true;
  return isTyped && !options.isDumb ? new TypedInput(options, listener) : new PipedInput(options, listener);
}
