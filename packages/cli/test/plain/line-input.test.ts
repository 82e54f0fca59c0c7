import assert from 'node:assert/strict';
import { PassThrough, Writable } from 'node:stream';
import test from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { type LineInput, openLineInput } from '../../src/plain/line-input.ts';

const WIDTH = 20;
/** A control sequence (ECMA-48 §5.4): its first number, its letter. */
const SEQUENCE = String.raw`\p{Cc}\[\??(\d*)(?:;\d+)?([A-Za-z])`;
const ESCAPE = new RegExp(`^${SEQUENCE}$`, 'u');
const ESCAPE_OR_CHARACTER = new RegExp(`${SEQUENCE}|[^]`, 'gu');

/** As much of a terminal as the editor uses: text, line feeds, and moving up, to a column, and clearing below. */
class Terminal extends Writable {
  readonly isTTY = true;
  readonly columns = WIDTH;
  readonly lines: string[] = [''];
  #row = 0;
  #column = 0;
  raw = '';

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const text = chunk.toString();
    this.raw += text;
    for (const [token] of text.matchAll(ESCAPE_OR_CHARACTER)) this.#take(token);
    done();
  }

  get screen(): string {
    return this.lines
      .map((row) => row.trimEnd())
      .join('\n')
      .trimEnd();
  }

  get cursor(): string {
    return `${this.#row}:${this.#column}`;
  }

  #take(token: string): void {
    const [, digits, act] = ESCAPE.exec(token) ?? [];
    const count = digits === undefined || digits === '' ? 1 : Number(digits);
    if (token === '\r') this.#column = 0;
    else if (token === '\n') this.#newRow();
    else if (act === 'A') this.#row -= count;
    else if (act === 'B') this.#row += count;
    else if (act === 'C') this.#column += count;
    else if (act === 'D') this.#column -= count;
    else if (act === 'G') this.#column = count - 1;
    else if (act === 'h' || act === 'l') return;
    else if (act === 'J') this.#clearBelow();
    else if (act === undefined) this.#put(token);
    else throw new Error(`not known: ${JSON.stringify(token)}`);
  }

  #put(character: string): void {
    if (this.#column === WIDTH) this.#newRow();
    const row = this.lines[this.#row] ?? '';
    this.lines[this.#row] = row.padEnd(this.#column).slice(0, this.#column) + character + row.slice(this.#column + 1);
    this.#column += 1;
  }

  #newRow(): void {
    this.#row += 1;
    this.#column = 0;
    while (this.lines.length <= this.#row) this.lines.push('');
  }

  #clearBelow(): void {
    this.lines[this.#row] = (this.lines[this.#row] ?? '').slice(0, this.#column);
    this.lines.length = this.#row + 1;
  }
}

function createKeyboard(): PassThrough & { isTTY: boolean; setRawMode: () => void } {
  return Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} });
}

interface Opened {
  readonly terminal: Terminal;
  readonly input: LineInput;
  readonly lines: string[];
  readonly type: (keys: string) => Promise<void>;
}

function open(): Opened {
  const [keyboard, terminal, lines] = [createKeyboard(), new Terminal(), [] as string[]];
  const listener = { onLine: (line: string) => lines.push(line), onInterrupt: () => {}, onEnd: () => {} };
  const input = openLineInput(
    { input: keyboard, output: terminal, isDumb: false, isSpoken: false, say: 'now' },
    listener,
  );
  const type = async (keys: string): Promise<void> => {
    keyboard.write(keys);
    await turn();
    await turn();
  };
  return { terminal, input, lines, type };
}

test('[CLI-4] what comes in stands above what is being typed, and typing goes on where it was', async () => {
  const { terminal, input, lines, type } = open();
  input.prompt('> ');
  await type('hello');
  await type('\x1b[D\x1b[D'); // two to the left
  input.print('12:20 bob: hi');
  assert.equal(terminal.screen, '12:20 bob: hi\n> hello');
  assert.equal(terminal.cursor, '1:5');
  await type('X');
  assert.equal(terminal.screen, '12:20 bob: hi\n> helXlo');
  await type('\r');
  assert.deepEqual(lines, ['helXlo']);
  input.close();
});

test('[CLI-4] also when the typed line takes several rows, and lines come thick', async () => {
  const { terminal, input, lines, type } = open();
  input.prompt('#lunch> ');
  const typed = 'a text that is much longer than a row of this terminal';
  await type(typed);
  for (let number = 1; number <= 5; number += 1) input.print(`12:2${number} bob: ${number}`);
  assert.equal(terminal.lines.join('').includes(typed), true);
  assert.deepEqual(
    terminal.lines.slice(0, 5),
    [1, 2, 3, 4, 5].map((number) => `12:2${number} bob: ${number}`),
  );
  await type('\x1b[H'); // to the beginning
  input.print('12:26 bob: 6');
  await type('>> \r');
  assert.deepEqual(lines, [`>> ${typed}`]);
  input.close();
});

test('[TERM-1] what is printed, and a prompt, cannot command the terminal', async () => {
  const { terminal, input } = open();
  input.prompt('#\x1b[2Jevil> ');
  input.print('\x1b]0;title\x07\x9b31m \x1b[10A up');
  assert.doesNotMatch(terminal.raw, /\p{Cc}\]|\u009b|\p{Cc}\[(2J|10A)/u);
  await turn();
  input.close();
});

test('[AUTH-3] a secret is neither shown nor kept in the history', async () => {
  const { terminal, input, lines, type } = open();
  input.prompt('Password: ', true);
  await type('hunter2');
  input.print('something came in');
  await type('\r');
  input.prompt('> ');
  await type('\x1b[A'); // the line before
  assert.deepEqual(lines, ['hunter2']);
  assert.equal(input.typed, '');
  assert.doesNotMatch(terminal.raw, /hunter|unter/);
  input.close();
});

test('on a pipe lines are appended, and no prompt is shown', async () => {
  const [pipe, written, lines] = [new PassThrough(), [] as string[], [] as string[]];
  const output = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      written.push(chunk.toString());
      done();
    },
  });
  let ended = 0;
  const listener = { onLine: (line: string) => lines.push(line), onInterrupt: () => {}, onEnd: () => (ended += 1) };
  const input = openLineInput({ input: pipe, output, isDumb: false, isSpoken: false, say: 'now' }, listener);
  input.prompt('> ');
  pipe.end('one\ntwo\n');
  await turn();
  input.print('12:20 bob: hi');
  await turn();
  assert.deepEqual([lines, written, ended], [['one', 'two'], ['12:20 bob: hi\n'], 1]);
  input.close();
});
