import { emitKeypressEvents } from 'node:readline';
import { InputHistory } from '../state/input-history.ts';
import {
  cleanPaste,
  type Editing,
  edit,
  insert,
  type Key,
  keyName,
  NOTHING_TYPED,
  withText,
} from '../state/line-editor.ts';
import { sanitise } from '../text/sanitise.ts';
import { Utf8Check } from '../text/utf8-check.ts';
import { wrapWords } from '../text/words.ts';
import type { LineInput, LineInputOptions, LineListener, Screen } from './line-input.ts';
import { type PromptLine, RewrittenLine, SpokenLine } from './prompt-line.ts';
import { Sayer } from './sayer.ts';

/** Pasted text comes between marks, so that its line ends are no Enter. */
const PASTE_ON = '\u001B[?2004h';
const PASTE_OFF = '\u001B[?2004l';
/** A paste of more lines than this is worth a word. */
const MANY_LINES = 5;

/** One after the other, and each on one row: a blank inside of a name is none at which rows are broken. */
function inRows(choices: readonly string[], columns = 80): string {
  const line = choices.map((choice) => choice.replaceAll(' ', '\u00A0')).join('  ');
  return wrapWords(line, columns).join('\n').replaceAll('\u00A0', ' ');
}

/** Reads keys from a terminal and edits the line: nothing that comes in touches what is typed. [CLI-4] */
export class TypedInput implements LineInput {
  readonly isTerminal = true;
  readonly #input: LineInputOptions['input'];
  readonly #output: Screen;
  readonly #isSpoken: boolean;
  readonly #isAscii: boolean;
  readonly #line: PromptLine;
  readonly #sayer: Sayer;
  readonly #listener: LineListener;
  readonly #history = new InputHistory();
  readonly #onKeypress = (text: string | undefined, key: Key | undefined): void =>
    this.#onKey({ sequence: text, ...key });
  readonly #onBytes = (bytes: Uint8Array): void => {
    this.#isBroken = !this.#utf8.takes(bytes);
  };
  readonly #onResize = (): void => this.#draw();
  readonly #onInputEnd = (): void => this.#listener.onEnd();
  readonly #restore = (): unknown => this.#output.write(PASTE_OFF);
  readonly #utf8 = new Utf8Check();
  /** The keys that come now come of bytes that are not UTF-8. */
  #isBroken = false;
  /** That was said for this line. */
  #isBrokenSaid = false;
  #now: Editing = NOTHING_TYPED;
  #prompt = '';
  #isSecret = false;
  /** What has come of a paste that is under way. */
  #pasted: string[] | undefined;
  #isDrawn = true;
  #isClosed = false;

  constructor({ input, output, isSpoken, isAscii, say }: LineInputOptions, listener: LineListener) {
    this.#input = input;
    this.#output = output;
    this.#isSpoken = isSpoken;
    this.#isAscii = isAscii;
    this.#listener = listener;
    this.#line = isSpoken ? new SpokenLine(output, isAscii) : new RewrittenLine(output, isAscii);
    this.#sayer = new Sayer(say, (text) => this.#write(text));
    input.on('data', this.#onBytes); // before its keys
    emitKeypressEvents(input);
    input.on('keypress', this.#onKeypress);
    input.on('end', this.#onInputEnd);
    input.on('error', this.#onInputEnd); // EIO: the window was closed
    output.on('resize', this.#onResize);
    process.once('exit', this.#restore);
    this.#takeTerminal();
  }

  get typed(): string {
    return this.#isSecret ? '' : this.#now.text;
  }

  prompt(text: string, isSecret = false): void {
    if (this.#isClosed) return;
    this.#prompt = text;
    this.#isSecret = isSecret;
    this.#sayer.prompted();
    this.#draw();
  }

  print(text: string): void {
    this.#sayer.say(text);
  }

  setTyped(text: string): void {
    this.#change(withText(this.#now, text));
  }

  clear(): void {
    if (!this.#isSecret) this.#history.add(this.#now.text);
    this.#change(withText(this.#now, ''));
  }

  close(): void {
    if (this.#isClosed) return;
    this.#line.hide();
    this.#isClosed = true;
    this.#sayer.end();
    this.#input.off('data', this.#onBytes);
    this.#input.off('keypress', this.#onKeypress);
    this.#input.off('end', this.#onInputEnd);
    this.#input.off('error', this.#onInputEnd);
    this.#output.off('resize', this.#onResize);
    process.off('exit', this.#restore);
    this.#leaveTerminal();
    this.#input.pause();
  }

  #takeTerminal(): void {
    this.#input.setRawMode?.(true);
    this.#output.write(PASTE_ON);
    this.#input.resume();
  }

  #leaveTerminal(): void {
    this.#restore();
    this.#input.setRawMode?.(false);
  }

  #onKey(key: Key): void {
    const name = keyName(key);
    if (this.#isBroken && this.#refuses(key, name)) return;
    if (name === 'paste-start') this.#pasted = [];
    else if (name === 'paste-end') this.#endPaste();
    else if (this.#pasted !== undefined) this.#pasted.push(key.sequence ?? '');
    else if (Object.hasOwn(this.#keys, name)) this.#keys[name]?.();
    else this.#edit(key, name);
  }

  /** What stands for broken bytes is no text, and a line that may lack its end is not entered by the same piece. */
  #refuses(key: Key, name: string): boolean {
    if (name === 'return' || name === 'enter') {
      this.#write('Characters that are not UTF-8 were not taken. Enter again sends the line as it stands.');
      return true;
    }
    if (key.sequence?.includes('\uFFFD') !== true) return false;
    if (!this.#isBrokenSaid) this.#write('The terminal does not send UTF-8: such characters are not taken.');
    this.#isBrokenSaid = true;
    return true;
  }

  /** Keys that do more than edit; C-d edits, but in an empty line. */
  readonly #keys: Readonly<Record<string, () => void>> = {
    return: () => this.#enter(),
    enter: () => this.#enter(),
    tab: () => this.#complete(),
    up: () => this.#recall(-1),
    'C-p': () => this.#recall(-1),
    down: () => this.#recall(1),
    'C-n': () => this.#recall(1),
    'C-c': () => this.#listener.onInterrupt(),
    'C-d': () => (this.#now.text === '' ? this.#listener.onEnd() : this.#edit({ name: 'd', ctrl: true }, 'C-d')),
    'C-l': () => this.#clearScreen(),
    'C-z': () => this.#suspend(),
  };

  #edit(key: Key, name: string): void {
    const next = edit(this.#now, key);
    if (next === undefined) this.#listener.onKey?.(name);
    // Where nothing is written over, the caret stays where things are added.
    else this.#change(this.#isSpoken ? { ...next, caret: next.text.length } : next);
  }

  #endPaste(): void {
    const pasted = cleanPaste(this.#pasted?.join('') ?? '');
    this.#pasted = undefined;
    const count = pasted.split('\n').length;
    this.#change(insert(this.#now, pasted));
    if (count > MANY_LINES && !this.#isSecret)
      this.#write(`${count} lines pasted. Enter sends them as one message, Ctrl-C drops them.`);
  }

  #enter(): void {
    const line = this.#now.text;
    this.#now = { ...this.#now, caret: line.length };
    this.#isDrawn = false;
    this.#drawNow();
    this.#line.finish();
    if (!this.#isSecret) this.#history.add(line);
    this.#now = withText(this.#now, '');
    this.#isBrokenSaid = false;
    // What is typed before the next prompt stands on a row of its own.
    this.#prompt = '';
    this.#isDrawn = true;
    this.#sayer.entered();
    this.#listener.onTyped?.('');
    this.#listener.onLine(line);
  }

  #complete(): void {
    if (this.#isSecret || this.#listener.complete === undefined) return;
    const { choices, ...typed } = this.#listener.complete(this.#now);
    this.#change({ ...this.#now, ...typed });
    if (choices.length > 0) this.#write(inRows(choices, this.#output.columns));
  }

  #recall(step: -1 | 1): void {
    const line = this.#isSecret ? undefined : this.#history.move(step, this.#now.text);
    if (line !== undefined) this.#change(withText(this.#now, line));
  }

  #change(next: Editing): void {
    this.#now = next;
    this.#draw();
    if (this.#isSecret) return;
    this.#sayer.typed(next.text);
    this.#listener.onTyped?.(next.text);
  }

  #write(text: string): void {
    this.#line.hide();
    this.#output.write(`${sanitise(text, { multiline: true, ascii: this.#isAscii })}\n`);
    this.#isDrawn = false;
    this.#drawNow();
  }

  /** Once for all keys that came in one piece. */
  #draw(): void {
    if (!this.#isDrawn) return;
    this.#isDrawn = false;
    queueMicrotask(() => this.#drawNow());
  }

  #drawNow(): void {
    if (this.#isDrawn || this.#isClosed) return;
    this.#isDrawn = true;
    this.#line.show(this.#prompt, this.#isSecret ? NOTHING_TYPED : this.#now);
  }

  #clearScreen(): void {
    if (this.#isSpoken) return;
    this.#line.hide();
    this.#output.write('\u001B[H\u001B[2J');
    this.#draw();
  }

  /** Stops the program as Ctrl-Z does, with the terminal as the shell wants it. */
  #suspend(): void {
    this.#line.hide();
    this.#leaveTerminal();
    process.once('SIGCONT', () => {
      if (this.#isClosed) return;
      this.#takeTerminal();
      this.#draw();
    });
    process.kill(process.pid, 'SIGTSTP');
  }
}
