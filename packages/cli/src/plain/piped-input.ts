import { createInterface, type Interface } from 'node:readline';
import { decodeUtf8 } from '../stdin-lines.ts';
import { sanitise } from '../text/sanitise.ts';
import type { LineInput, LineInputOptions, LineListener, Screen } from './line-input.ts';
import { type EnteredLine, NOT_UTF8 } from './line-queue.ts';
import { Sayer } from './sayer.ts';

/** Lines from a pipe, or from a terminal that edits them itself; what is printed is appended. */
export class PipedInput implements LineInput {
  readonly typed = '';
  readonly #input: LineInputOptions['input'];
  readonly #output: Screen;
  readonly #reader: Interface;
  readonly #sayer: Sayer;
  /** Someone sees prompts and types; otherwise nothing is prompted for. */
  readonly #isTyped: boolean;
  readonly #isAscii: boolean;
  #isSecret = false;
  /** A prompt stands at the end of what was written. */
  #hasOpenPrompt = false;
  #prompt = '';
  #isClosed = false;

  constructor({ input, output, isAscii, say }: LineInputOptions, listener: LineListener) {
    this.#input = input;
    this.#output = output;
    this.#isTyped = input.isTTY === true && output.isTTY === true;
    this.#isAscii = isAscii && output.isTTY === true;
    this.#sayer = new Sayer(this.#isTyped ? say : 'now', (text) => this.#write(text));
    // A character for each byte, so that lines are cut at line ends alone, and what is not UTF-8 is known as such.
    input.setEncoding('latin1');
    this.#reader = createInterface({ input, terminal: false });
    this.#reader.on('line', (line) => this.#onLine(decodeUtf8(Buffer.from(line, 'latin1')) ?? NOT_UTF8, listener));
    const end = (): void => {
      if (!this.#isClosed) listener.onEnd();
      this.#isClosed = true;
    };
    this.#reader.on('close', end);
    this.#reader.on('error', end); // EIO: the window was closed
  }

  get isTerminal(): boolean {
    return this.#isTyped;
  }

  prompt(text: string, isSecret = false): void {
    if (this.#isClosed) return;
    this.#prompt = sanitise(text, { ascii: this.#isAscii });
    this.#isSecret = isSecret;
    this.#sayer.prompted();
    if (this.#isTyped) this.#output.write(this.#hasOpenPrompt ? `\n${this.#prompt}` : this.#prompt);
    this.#hasOpenPrompt = this.#isTyped;
    // The terminal itself shows what is typed, unless it is told not to.
    if (this.#input.isTTY === true) this.#input.setRawMode?.(isSecret);
  }

  print(text: string): void {
    this.#sayer.say(text);
  }

  /** The terminal has the line: it cannot be changed from here, so it is only shown. */
  setTyped(text: string): void {
    if (this.#isTyped && text !== '') this.print(`Not sent yet: ${text}`);
  }

  clear(): void {
    // The terminal has the line, and drops it itself.
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#sayer.end();
    if (this.#hasOpenPrompt) this.#output.write('\n');
    if (this.#isSecret && this.#input.isTTY === true) this.#input.setRawMode?.(false);
    this.#reader.close();
  }

  #write(text: string): void {
    const lines = `${sanitise(text, { multiline: true, ascii: this.#isAscii })}\n`;
    this.#output.write(this.#hasOpenPrompt ? `\n${lines}${this.#prompt}` : lines);
  }

  #onLine(line: EnteredLine, listener: LineListener): void {
    const isRaw = this.#isSecret && this.#input.isTTY === true;
    if (this.#isSecret && this.#isTyped) this.#output.write('\n');
    this.#hasOpenPrompt = false;
    this.#sayer.entered();
    if (!isRaw || line === NOT_UTF8) listener.onLine(line);
    else if (line.includes('\u0003') || line.includes('\u0004')) listener.onEnd();
    else listener.onLine(withoutErased(line));
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
