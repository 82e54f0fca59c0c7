import { firstGraphemeLength, lastGraphemeLength } from '../text/graphemes.ts';

/** What is typed, and where the caret stands in it, in UTF-16 units. */
export interface Typed {
  readonly text: string;
  readonly caret: number;
}

/** What is typed, and what was cut last: Ctrl-Y puts it back. */
export interface Editing extends Typed {
  readonly cut: string;
}

export const NOTHING_TYPED: Editing = { text: '', caret: 0, cut: '' };

/** A key as node:readline names it. */
export interface Key {
  readonly name?: string | undefined;
  readonly ctrl?: boolean | undefined;
  readonly meta?: boolean | undefined;
  readonly sequence?: string | undefined;
}

/** What a key is called in tables: `C-a` with Ctrl, `M-b` with Alt. */
export function keyName({ name = '', ctrl, meta }: Key): string {
  return `${ctrl === true ? 'C-' : ''}${meta === true ? 'M-' : ''}${name}`;
}

type Edit = (now: Editing) => Editing;

/** The keys that edit, as in Emacs and the shell. One step is one visible character, however many code points it has. */
const EDITS: Readonly<Record<string, Edit>> = {
  'C-a': (now) => at(now, 0),
  home: (now) => at(now, 0),
  'C-e': (now) => at(now, now.text.length),
  end: (now) => at(now, now.text.length),
  'C-b': (now) => at(now, left(now)),
  left: (now) => at(now, left(now)),
  'C-f': (now) => at(now, right(now)),
  right: (now) => at(now, right(now)),
  'M-b': (now) => at(now, wordLeft(now)),
  'C-left': (now) => at(now, wordLeft(now)),
  'M-f': (now) => at(now, wordRight(now)),
  'C-right': (now) => at(now, wordRight(now)),
  backspace: (now) => without(now, left(now), now.caret),
  'C-h': (now) => without(now, left(now), now.caret),
  delete: (now) => without(now, now.caret, right(now)),
  'C-d': (now) => without(now, now.caret, right(now)),
  'C-k': (now) => withCut(now, now.caret, now.text.length),
  'C-u': (now) => withCut(now, 0, now.caret),
  'C-w': (now) => withCut(now, spaceLeft(now), now.caret),
  'M-backspace': (now) => withCut(now, wordLeft(now), now.caret),
  'M-d': (now) => withCut(now, now.caret, wordRight(now)),
  'C-y': (now) => insert(now, now.cut),
  'M-return': (now) => insert(now, '\n'),
  'M-enter': (now) => insert(now, '\n'),
};

/** What is typed after a key that edits; undefined for a key that does not. Pure. */
export function edit(now: Editing, key: Key): Editing | undefined {
  const name = keyName(key);
  if (Object.hasOwn(EDITS, name)) return EDITS[name]?.(now);
  const { sequence = '', ctrl, meta } = key;
  return ctrl === true || meta === true || !isTypable(sequence) ? undefined : insert(now, sequence);
}

/** Puts a text where the caret is. */
export function insert(now: Editing, piece: string): Editing {
  const text = now.text.slice(0, now.caret) + piece + now.text.slice(now.caret);
  return { ...now, text, caret: now.caret + piece.length };
}

/** Another text, with the caret at its end. */
export function withText(now: Editing, text: string): Editing {
  return { ...now, text, caret: text.length };
}

/** What was pasted, as text: lines end in line feeds, tabs are spaces, and control characters are left out. */
export function cleanPaste(pasted: string): string {
  const lines = pasted.replaceAll(/\r\n?/g, '\n').replaceAll('\t', '    ');
  return lines.replaceAll(/[\p{Cc}--\n]/gv, '').replace(/\n+$/, '');
}

function isTypable(sequence: string): boolean {
  return sequence !== '' && !/[\p{Cc}\p{Cs}]/u.test(sequence);
}

function at(now: Editing, caret: number): Editing {
  return { ...now, caret };
}

function without(now: Editing, from: number, to: number): Editing {
  return { ...now, text: now.text.slice(0, from) + now.text.slice(to), caret: from };
}

function withCut(now: Editing, from: number, to: number): Editing {
  return from === to ? now : { ...without(now, from, to), cut: now.text.slice(from, to) };
}

function left({ text, caret }: Typed): number {
  return caret - lastGraphemeLength(text.slice(0, caret));
}

function right({ text, caret }: Typed): number {
  return caret + firstGraphemeLength(text.slice(caret));
}

const WORD = String.raw`[\p{L}\p{N}\p{M}_]+`;
const REST = String.raw`[^\p{L}\p{N}\p{M}_]*`;
const WORD_BEFORE = new RegExp(`(?<![\\p{L}\\p{N}\\p{M}_])${WORD}${REST}$`, 'u');
const WORD_AFTER = new RegExp(`^${REST}${WORD}`, 'u');

function wordLeft({ text, caret }: Typed): number {
  return WORD_BEFORE.exec(text.slice(0, caret))?.index ?? 0;
}

function wordRight({ text, caret }: Typed): number {
  const found = WORD_AFTER.exec(text.slice(caret));
  return found === null ? text.length : caret + found[0].length;
}

/** Where the word before the caret begins, words being what stands between white space. */
function spaceLeft({ text, caret }: Typed): number {
  return /(?<!\S)\S+\s*$/.exec(text.slice(0, caret))?.index ?? 0;
}
