import { clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from 'node:readline';
import { Writable } from 'node:stream';
import { sanitise } from '../text/sanitise.ts';

/** A terminal, or a file or pipe. */
export type Screen = Writable & { readonly isTTY?: boolean; readonly columns?: number };

export interface LineInputOptions {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
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
  readonly #output: Screen;
  readonly #gate: Gate;
  readonly #editor: Interface;
  /** The terminal shows a prompt line that can be rewritten. */
  readonly #isRewritten: boolean;
  #isClosed = false;

  constructor({ input, output, isDumb }: LineInputOptions, listener: LineListener) {
    const isTerminal = input.isTTY === true && output.isTTY === true;
    this.#output = output;
    this.#gate = new Gate(output);
    this.#isRewritten = isTerminal && !isDumb;
    this.#editor = createInterface({ input, output: this.#gate, terminal: this.#isRewritten, prompt: '' });
    this.#editor.on('line', (line) => {
      if (!this.#gate.isOpen && this.#isRewritten) this.#output.write('\n');
      listener.onLine(line);
    });
    this.#editor.on('history', (lines) => {
      // Secrets, and lines that begin with a space, are not kept.
      if (!this.#gate.isOpen || lines[0]?.startsWith(' ') === true) lines.shift();
    });
    this.#editor.on('SIGINT', () => listener.onInterrupt());
    this.#editor.on('close', () => {
      if (!this.#isClosed) listener.onEnd();
      this.#isClosed = true;
    });
  }

  /** Someone types here, or could. */
  get isTerminal(): boolean {
    return this.#isRewritten;
  }

  /** What is typed and not entered. */
  get typed(): string {
    return this.#editor.line;
  }

  /** Shows a prompt for the next line; `isSecret`: what is typed is not shown. On pipes nothing is shown. */
  prompt(text: string, isSecret = false): void {
    if (this.#isClosed || !this.#isRewritten) return;
    this.#gate.isOpen = true;
    this.#editor.setPrompt(sanitise(text));
    this.#editor.prompt(true);
    this.#gate.isOpen = !isSecret;
  }

  /** Prints lines above what is being typed. */
  print(text: string): void {
    const lines = `${sanitise(text, { multiline: true })}\n`;
    if (!this.#isRewritten || this.#isClosed) {
      this.#output.write(lines);
      return;
    }
    const wasOpen = this.#gate.isOpen;
    this.#leavePromptLine();
    this.#output.write(lines);
    if (wasOpen) this.#editor.prompt(true);
    else this.#output.write(this.#editor.getPrompt());
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
    this.#editor.close();
  }

  /** Takes the prompt and what is typed off the screen, all rows of it; the cursor stands where they began. */
  #leavePromptLine(): void {
    const { rows } = this.#gate.isOpen ? this.#editor.getCursorPos() : { rows: 0 };
    moveCursor(this.#output, 0, -rows);
    cursorTo(this.#output, 0);
    clearScreenDown(this.#output);
    // The editor would move up by the rows that are gone.
    (this.#editor as Interface & { prevRows: number }).prevRows = 0;
  }
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
