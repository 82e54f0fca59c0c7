import type { Typed } from './line-editor.ts';

/** What an argument of a command may be. Further ones are of the kind of the last. */
export type ArgumentKind = 'where' | 'person' | 'text' | readonly string[];

/** What there is to complete from. */
export interface Vocabulary {
  readonly commands: readonly { readonly name: string; readonly args: readonly ArgumentKind[] }[];
  /** `@bob`. */
  readonly people: readonly string[];
  /** `#lunch`. */
  readonly groups: readonly string[];
  /** Beginnings of lines that are no slash commands. */
  readonly firstWords: readonly string[];
}

/** What Tab makes of what is typed. */
export interface Completed extends Typed {
  /** More than one, when nothing could be added: to be shown. */
  readonly choices: readonly string[];
}

/**
 * Completes the word before the caret: a command's name, one of its words, or a name; in a text only names behind @
 * and #. What all fitting ones have in common is added, and a space when there is one only. Pure.
 */
export function complete({ text, caret }: Typed, vocabulary: Vocabulary): Completed {
  const before = text.slice(0, caret);
  const start = nameStart(before, vocabulary) ?? before.search(/\S*$/);
  const word = before.slice(start);
  const fitting = candidates(before.slice(0, start), word, vocabulary).filter((candidate) => fits(candidate, word));
  const unique = [...new Set(fitting)].toSorted((a, b) => a.localeCompare(b, 'en'));
  const [first] = unique;
  if (first === undefined) return { text, caret, choices: [] };
  const made = unique.length === 1 ? withSpace(first, text.slice(caret)) : commonStart(unique, word);
  const choices = unique.length > 1 && made === word ? unique : [];
  return { text: before.slice(0, start) + made + text.slice(caret), caret: start + made.length, choices };
}

/** Where a name with blanks begins of which more than a word is typed; undefined when there is none. */
function nameStart(before: string, { people, groups }: Vocabulary): number | undefined {
  const names = [...people, ...groups].filter((name) => name.includes(' ')).map((name) => name.toLowerCase());
  const starts = [...before.matchAll(/(?<!\S)[@#]/g)].map(({ index }) => index);
  return starts.find((start) => names.some((name) => name.startsWith(before.slice(start).toLowerCase())));
}

function candidates(before: string, word: string, vocabulary: Vocabulary): readonly string[] {
  const { commands, people, groups, firstWords } = vocabulary;
  const line = before.trimStart();
  if (line === '' && word.startsWith('/')) return commands.map(({ name }) => `/${name}`);
  if (line === '' && !/^[@#]/.test(word)) return word === '' ? [] : firstWords;
  const [command, ...args] = line.split(/\s+/).slice(0, -1);
  const known = commands.find(({ name }) => `/${name}` === command);
  const kind = known?.args[Math.min(args.length, known.args.length - 1)] ?? 'text';
  if (typeof kind !== 'string') return kind;
  if (kind === 'person') return people;
  if (kind === 'where') return [...people, ...groups];
  // In a text a bare word is a word.
  return word.startsWith('@') ? people : word.startsWith('#') ? groups : [];
}

/** Case does not matter, and the sign may be left out where a name is wanted. */
function fits(candidate: string, word: string): boolean {
  const [whole, typed] = [candidate.toLowerCase(), word.toLowerCase()];
  return whole.startsWith(typed) || (/^[@#]/.test(whole) && whole.slice(1).startsWith(typed));
}

/** Colon commands end in the colon behind which their argument begins. */
function withSpace(word: string, after: string): string {
  return word.endsWith(':') || /^\s/.test(after) ? word : `${word} `;
}

/** What all of them begin with; the word as it is when that is no more than was typed. */
function commonStart(words: readonly string[], word: string): string {
  let common = words[0] ?? '';
  for (const other of words) {
    while (!other.toLowerCase().startsWith(common.toLowerCase())) common = Array.from(common).slice(0, -1).join('');
  }
  return common.length > word.length ? common : word;
}
