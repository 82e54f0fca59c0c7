import { quotedName } from './spaced-names.ts';

/** What a typed line asks for. */
export type Input =
  | { readonly kind: 'nothing' }
  /** Send this to the open chat. */
  | { readonly kind: 'text'; readonly text: string }
  /** A slash command: its word as typed, without the slash, and all that follows. */
  | { readonly kind: 'command'; readonly word: string; readonly rest: string }
  /** Text, and no chat is open. */
  | { readonly kind: 'homeless' }
  /** Starts like one of the ancestor's commands, and lacks something. */
  | { readonly kind: 'malformed'; readonly usage: string };

/** White space of any kind, and what is drawn as nothing. */
const LEADING = /^[\s\p{Z}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]+/u;
/** The slash, and what looks like it. */
const SLASH = /^[/\u2044\u2215\u29F8\uFF0F]/u;
const COMMAND = /^.(\S*)(?:\s+([^]*))?$/u;

/**
 * Reads a typed line. Whatever begins like a command, after any white space, is one, known or not: a mistyped command
 * must not put a password into a chat (C58). `//text` is the text `/text`. The ancestor's commands work while no chat
 * is open; in a chat they are words that people write, unless `isLegacy`.
 */
export function readInput(line: string, isChatOpen: boolean, isLegacy = false): Input {
  const text = line.replace(LEADING, '');
  if (text.trim() === '') return { kind: 'nothing' };
  if (text.startsWith('//')) return isChatOpen ? { kind: 'text', text: text.slice(1) } : { kind: 'homeless' };
  if (SLASH.test(text)) {
    const [, word = '', rest = ''] = COMMAND.exec(text) ?? [];
    return { kind: 'command', word, rest: rest.trimEnd() };
  }
  if (!isChatOpen) return readColonCommand(text.trimEnd());
  const legacy = isLegacy ? readColonCommand(text.trimEnd()) : undefined;
  return legacy?.kind === 'command' ? legacy : { kind: 'text', text: line };
}

interface ColonCommand {
  readonly usage: string;
  /** How many parts there are; the last one may hold colons. */
  readonly parts: number;
  readonly run: (parts: readonly string[]) => { readonly word: string; readonly rest: string };
}

const COLON_COMMANDS: Readonly<Record<string, ColonCommand>> = {
  help: { usage: 'help', parts: 0, run: () => ({ word: 'help', rest: '' }) },
  chat: { usage: 'chat:ID:TEXT', parts: 2, run: ([who, text]) => ({ word: 'msg', rest: `${mark('@', who)} ${text}` }) },
  addfriend: {
    usage: 'addfriend:ID',
    parts: 1,
    run: ([who = '']) => ({ word: 'friend', rest: `add ${quotedName(who)}` }),
  },
  creategroup: {
    usage: 'creategroup:NAME:TEXT',
    parts: 2,
    run: ([name, text]) => ({ word: 'group', rest: `new ${name} -- ${text}` }),
  },
  addgroup: { usage: 'addgroup:ID', parts: 1, run: ([group]) => ({ word: 'group', rest: `join ${mark('#', group)}` }) },
  groupchat: {
    usage: 'groupchat:ID:TEXT',
    parts: 2,
    run: ([group, text]) => ({ word: 'msg', rest: `${mark('#', group)} ${text}` }),
  },
  logout: { usage: 'logout', parts: 0, run: () => ({ word: 'logout', rest: '' }) },
};

function readColonCommand(text: string): Input {
  const [word = ''] = text.split(':', 1);
  const command = Object.hasOwn(COLON_COMMANDS, word) ? COLON_COMMANDS[word] : undefined;
  if (command === undefined) return { kind: 'homeless' };
  const parts = splitFirst(text, command.parts);
  if (parts === undefined || parts.some((part) => part.trim() === ''))
    return { kind: 'malformed', usage: command.usage };
  return { kind: 'command', ...command.run(parts) };
}

/** Only the first colons split; the rest, colons included, is text. */
function splitFirst(text: string, count: number): string[] | undefined {
  const pieces = text.split(':').slice(1);
  if (pieces.length < count || (count === 0 && pieces.length > 0)) return undefined;
  if (count === 0) return [];
  return [...pieces.slice(0, count - 1), pieces.slice(count - 1).join(':')];
}

function mark(sign: string, name = ''): string {
  return quotedName(/^[@#]/.test(name) ? name : sign + name);
}
