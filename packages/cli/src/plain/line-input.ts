import { clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from 'node:readline';
import { Writable } from 'node:stream';
import { sanitise } from '../text/sanitise.ts';

/** A terminal, or a file or pipe. */
export type Screen = Writable & { readonly isTTY?: boolean; readonly columns?: number };

export interface LineInputOptions {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean; setRawMode?(isRaw: boolean): unknown };
  readonly output: Screen;
  /** The terminal can neither move its cursor nor clear a line. */
  readonly isDumb: boolean;
}

/** What is typed, told in order. */
export interface LineListener {
  onLine(line: string): void;
  /** Ctrl-C on a terminal. */
  onInterrupt(): void;
  /** Ctrl-D, or the end of the file. */
  onEnd(): void;
}

/**
 * Reads lines and prints above the line that is being typed: on a terminal the prompt line is taken away, the text
 * printed, and the line put back with its cursor, so that neither garbles the other; elsewhere text is appended.
 * What is printed passes the sanitiser here. [CLI-4]
 */
export class LineInput {
  readonly #input: LineInputOptions['input'];
  readonly #output: Screen;
  readonly #gate: Gate;
  readonly #editor: Interface;
  /** The terminal shows a prompt line that can be rewritten. */
  readonly #isRewritten: boolean;
  /** Someone sees prompts and types; otherwise nothing is prompted for. */
  readonly #isTyped: boolean;
  #isSecret = false;
  /** On a terminal that cannot be rewritten: a prompt stands at the end of what was written. */
  #hasOpenPrompt = false;
  #prompt = '';
  #isClosed = false;

  constructor({ input, output, isDumb }: LineInputOptions, listener: LineListener) {
    this.#input = input;
    this.#output = output;
    this.#isTyped = input.isTTY === true && output.isTTY === true;
    this.#isRewritten = this.#isTyped && !isDumb;
    this.#gate = new Gate(output);
    this.#editor = createInterface({ input, output: this.#gate, terminal: this.#isRewritten, prompt: '' });
    this.#editor.on('line', (line) => this.#onLine(line, listener));
    this.#editor.on('history', (lines) => {
      // Secrets, and lines that begin with a space, are not kept.
      if (this.#isSecret || lines[0]?.startsWith(' ') === true) lines.shift();
    });
    this.#editor.on('SIGINT', () => listener.onInterrupt());
    this.#editor.on('close', () => {
      if (!this.#isClosed) listener.onEnd();
      this.#isClosed = true;
    });
  }

  /** Someone types here. */
  get isTerminal(): boolean {
    return this.#isTyped;
  }

  /** What is typed and not entered. */
  get typed(): string {
    return this.#editor.line;
  }

  /** Shows a prompt for the next line; `isSecret`: what is typed is not shown. On pipes nothing is shown. */
  prompt(text: string, isSecret = false): void {
    if (this.#isClosed) return;
    this.#prompt = sanitise(text);
    this.#isSecret = isSecret;
    if (this.#isRewritten) {
      this.#gate.isOpen = true;
      this.#editor.setPrompt(this.#prompt);
      this.#editor.prompt(true);
      this.#gate.isOpen = !isSecret;
      return;
    }
    if (this.#isTyped) this.#output.write(this.#prompt);
    this.#hasOpenPrompt = this.#isTyped;
    // The terminal itself shows what is typed, unless it is told not to.
    if (this.#input.isTTY === true) this.#input.setRawMode?.(isSecret);
  }

  /** Prints lines above what is being typed. */
  print(text: string): void {
    const lines = `${sanitise(text, { multiline: true })}\n`;
    if (!this.#isRewritten || this.#isClosed) {
      this.#output.write(this.#hasOpenPrompt ? `\n${lines}${this.#prompt}` : lines);
      return;
    }
    this.#leavePromptLine();
    this.#output.write(lines);
    if (this.#isSecret) this.#output.write(this.#prompt);
    else this.#editor.prompt(true);
  }

  /** Drops what is typed. */
  clear(): void {
    this.#editor.write(null, { ctrl: true, name: 'e' });
    this.#editor.write(null, { ctrl: true, name: 'u' });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#isRewritten) this.#leavePromptLine();
    else if (this.#hasOpenPrompt) this.#output.write('\n');
    if (!this.#isRewritten && this.#isSecret && this.#input.isTTY === true) this.#input.setRawMode?.(false);
    this.#editor.close();
  }

  #onLine(line: string, listener: LineListener): void {
    const isRaw = this.#isSecret && !this.#isRewritten && this.#input.isTTY === true;
    if (this.#isSecret && this.#isTyped) this.#output.write('\n');
    this.#hasOpenPrompt = false;
    if (!isRaw) listener.onLine(line);
    else if (line.includes('\u0003') || line.includes('\u0004')) listener.onInterrupt();
    else listener.onLine(withoutErased(line));
  }

  /** Takes the prompt and what is typed off the screen, all rows of it; the cursor stands where they began. */
  #leavePromptLine(): void {
    const { rows } = this.#isSecret ? { rows: 0 } : this.#editor.getCursorPos();
    moveCursor(this.#output, 0, -rows);
    cursorTo(this.#output, 0);
    clearScreenDown(this.#output);
    // The editor would move up by the rows that are gone.
    (this.#editor as Interface & { prevRows: number }).prevRows = 0;
  }
}

/** What is left of a line that was typed with no editor: DEL and BS take the character before them. */
function withoutErased(line: string): string {
  const kept: string[] = [];
  for (const character of line) {
    if (character === '\u007f' || character === '\b') kept.pop();
    else kept.push(character);
  }
  return kept.join('');
}

/** The way from the editor to the terminal; closed while a secret is typed. */
class Gate extends Writable {
  readonly #target: Screen;
  isOpen = true;

  constructor(target: Screen) {
    super({ decodeStrings: false });
    this.#target = target;
    target.on('resize', () => this.emit('resize'));
  }

  get columns(): number | undefined {
    return this.#target.columns;
  }

  get isTTY(): boolean {
    return this.#target.isTTY === true;
  }

  override _write(chunk: string | Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.isOpen) this.#target.write(chunk);
    done();
  }
}
