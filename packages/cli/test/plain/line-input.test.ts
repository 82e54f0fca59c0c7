import assert from 'node:assert/strict';
import { PassThrough, Writable } from 'node:stream';
import test from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { type LineInput, type LineListener, openLineInput } from '../../src/plain/line-input.ts';
import type { SayWhen } from '../../src/plain/sayer.ts';
import type { Completed } from '../../src/state/tab-completion.ts';

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
    if (character === '\b') {
      this.#column -= 1;
      return;
    }
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
  readonly type: (keys: string | Uint8Array) => Promise<void>;
}

interface OpenOptions {
  readonly isSpoken?: boolean;
  readonly isAscii?: boolean;
  readonly say?: SayWhen;
  readonly listener?: Partial<LineListener>;
}

function open({ isSpoken = false, isAscii = false, say = 'now', listener = {} }: OpenOptions = {}): Opened {
  const [keyboard, terminal, lines] = [createKeyboard(), new Terminal(), [] as string[]];
  const noted = { onLine: (line: string) => lines.push(line), onInterrupt: () => {}, onEnd: () => {}, ...listener };
  const input = openLineInput({ input: keyboard, output: terminal, isDumb: false, isSpoken, isAscii, say }, noted);
  const type = async (keys: string | Uint8Array): Promise<void> => {
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
  const input = openLineInput(
    { input: pipe, output, isDumb: false, isSpoken: false, isAscii: false, say: 'now' },
    listener,
  );
  input.prompt('> ');
  pipe.end('one\ntwo\n');
  await turn();
  input.print('12:20 bob: hi');
  await turn();
  assert.deepEqual([lines, written, ended], [['one', 'two'], ['12:20 bob: hi\n'], 1]);
  input.close();
});

test('[CLI-4] a paste of many lines is one text in the line, and is sent by Enter alone', async () => {
  const { terminal, input, lines, type } = open();
  input.prompt('> ');
  await type('\x1b[200~one\r\n/quit\n\x03\tthree\n\x1b[201~');
  assert.deepEqual(lines, []);
  assert.equal(terminal.screen, '> one\n/quit\n    three');
  await type('\r');
  assert.deepEqual(lines, ['one\n/quit\n    three']);
  input.close();
});

test('a paste of ten thousand lines is told in a word, and does not freeze', async () => {
  const { terminal, input, type } = open();
  input.prompt('> ');
  const startMs = performance.now();
  await type(`\x1b[200~${'a line of some length\n'.repeat(10_000)}\x1b[201~`);
  await type('x');
  input.print('12:20 bob: hi');
  assert.ok(performance.now() - startMs < 10_000);
  assert.match(terminal.screen, /10000 lines pasted\.\s/);
  assert.ok(terminal.lines.length < 60, 'no more than a screen is drawn');
  input.close();
});

test('[CLI-4] the caret stands where the next character goes, behind wide ones and at the edge (C53)', async () => {
  const { terminal, input, type } = open();
  input.prompt('> ');
  await type('e\u0301x');
  assert.equal(terminal.cursor, '0:4');
  await type(`\x7f\x7f${'a'.repeat(WIDTH - 2)}`);
  assert.equal(terminal.cursor, '1:0');
  await type('\x1b[D\x1b[D\x1b[D');
  assert.equal(terminal.cursor, `0:${WIDTH - 3}`);
  input.close();
});

test('Up and Down, Ctrl-P and Ctrl-N go through the lines of this session', async () => {
  const { input, lines, type } = open();
  input.prompt('> ');
  await type('one\rtwo\rhalf');
  await type('\x1b[A\x10'); // two, one
  assert.equal(input.typed, 'one');
  await type('\x0e\x1b[B');
  assert.equal(input.typed, 'half');
  input.clear();
  await type('\x1b[A');
  assert.equal(input.typed, 'half', 'what was dropped can be had back');
  assert.deepEqual(lines, ['one', 'two']);
  input.close();
});

test('Tab completes; several that fit are shown, sanitised', async () => {
  const complete = (): Completed => ({ text: '#lu', caret: 3, choices: ['#lunar', '#lu\x1b[2Jnch'] });
  const { terminal, input, type } = open({ listener: { complete } });
  input.prompt('> ');
  await type('l\t');
  assert.equal(input.typed, '#lu');
  assert.equal(terminal.screen, '#lunar  #lu␛[2Jnch\n> #lu');
  input.close();
});

test('what Tab shows is broken between names, not inside of one', async () => {
  const choices = ['#lunch with us', '#lunar', '#lumberjacks', '#lullaby and more'];
  const { terminal, input, type } = open({ listener: { complete: () => ({ text: '#lu', caret: 3, choices }) } });
  input.prompt('> ');
  await type('#lu\t');
  const shown = terminal.screen.split('\n').slice(0, -1);
  assert.ok(shown.length > 1, terminal.screen);
  for (const choice of choices)
    assert.ok(
      shown.some((row) => row.includes(choice)),
      terminal.screen,
    );
  input.close();
});

test('keys that edit nothing are told by name; Ctrl-D ends only in an empty line', async () => {
  const told: string[] = [];
  const listener = { onKey: (name: string) => told.push(name), onEnd: () => told.push('end') };
  const { input, type } = open({ listener });
  input.prompt('> ');
  await type('ab\x1b[D\x04');
  assert.equal(input.typed, 'a');
  await type('\x1ba\x15\x04');
  assert.deepEqual(told, ['M-a', 'end']);
  input.close();
});

test('[CLI-4] for a screen reader the cursor is never moved and nothing is written over', async () => {
  const { terminal, input, lines, type } = open({ isSpoken: true });
  input.prompt('#lunch> ');
  for (const keys of ['helo', '\x7f', 'lo\x1b[D!']) await type(keys);
  input.print('12:20 bob: hi');
  for (const keys of ['\x1b[A\x15', 'a line much longer than this terminal is wide', '\x17short\r']) await type(keys);
  assert.deepEqual(lines, ['a line much longer than this terminal is short']);
  const written = terminal.raw.replace('\x1b[?2004h', '');
  assert.ok(written.startsWith('#lunch> helo\b \blo!\n12:20 bob: hi\n#lunch> hello!'), JSON.stringify(written));
  assert.ok(!written.includes('\x1b') && !written.includes('\r'), JSON.stringify(written));
  input.close();
});

test('[CLI-4] `say` idle holds what comes in while someone types; on-enter, until the next Enter', async () => {
  for (const say of ['idle', 'on-enter'] as const) {
    const { terminal, input, type } = open({ isSpoken: true, say });
    input.prompt('> ');
    await type('hel');
    input.print('12:20 bob: hi');
    assert.doesNotMatch(terminal.raw, /bob/, say);
    await type('lo\r');
    assert.match(terminal.raw, /> hello\n12:20 bob: hi\n/, say);
    input.prompt('> ');
    input.print('12:21 bob: idle?');
    assert.equal(terminal.raw.includes('idle?'), say === 'idle');
    input.close();
    assert.match(terminal.raw, /idle\?/);
  }
});

test('[TERM-1] pasting between marks is turned off again at the end', () => {
  const { terminal, input } = open();
  input.close();
  assert.equal(terminal.raw, '\x1b[?2004h\x1b[?2004l');
});

test('[CLI-4] a dumb terminal edits its lines itself: what comes in stands on lines of its own, and nothing moves', async () => {
  const [keyboard, terminal, lines] = [createKeyboard(), new Terminal(), [] as string[]];
  const listener = { onLine: (line: string) => lines.push(line), onInterrupt: () => {}, onEnd: () => {} };
  const options = {
    input: keyboard,
    output: terminal,
    isDumb: true,
    isSpoken: false,
    isAscii: false,
    say: 'now',
  } as const;
  const input = openLineInput(options, listener);
  input.prompt('> ');
  input.print('12:20 bob: \x1b[2Jhi');
  keyboard.write('one\n');
  await turn();
  input.prompt('> ');
  input.setTyped('a draft');
  input.close();
  assert.deepEqual(lines, ['one']);
  assert.equal(terminal.raw, '> \n12:20 bob: ␛[2Jhi\n> > \nNot sent yet: a draft\n> \n');
});

test('C65: where the terminal shows only ASCII, nothing else is written, and what is typed is taken as it is', async () => {
  for (const isSpoken of [false, true]) {
    const { terminal, input, lines, type } = open({ isAscii: true, isSpoken });
    input.prompt('#käse> ');
    await type('naïve…');
    input.print('12:20 Łukasz: 漢');
    assert.match(terminal.raw, /#kase> [^]*12:20 Lukasz: \?\n/);
    assert.doesNotMatch(terminal.raw, /[^\p{ASCII}]/u);
    await type('\x7f\r');
    assert.deepEqual(lines, ['naïve']);
    input.close();
  }
});

test('[CLI-4] C65: what is typed in another encoding is not taken, which is said, and Enter sends nothing cut short', async () => {
  const { terminal, input, lines, type } = open();
  input.prompt('> ');
  await type(Buffer.from('caf\xe9', 'latin1')); // in UTF-8 the beginning of a character
  await type('\r');
  assert.deepEqual(lines, []);
  assert.equal(terminal.raw.match(/does not send UTF-8/g)?.length, 1);
  await type(Buffer.from('\xf0\xd2\xc9\xd7!', 'latin1'));
  assert.match(terminal.screen, /> caf!$/);
  await type('\r');
  assert.deepEqual(lines, []);
  await type('\r');
  assert.deepEqual(lines, ['caf!']);
  input.close();
});

test('[CLI-4] a character that comes in pieces is one, and a U+FFFD that was meant is taken', async () => {
  const { input, lines, type } = open();
  input.prompt('> ');
  for (const byte of Buffer.from('é\ufffd')) await type(Uint8Array.of(byte));
  await type('\r');
  assert.deepEqual(lines, ['é\ufffd']);
  input.close();
});
