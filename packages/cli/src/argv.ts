import { parseArgs } from 'node:util';
import { CHAT, findVerb, VERBS, type Verb } from './command-table.ts';
import { type Failure, usageFailure } from './failure.ts';
import { type Flag, GLOBAL_FLAGS } from './flags.ts';
import { nearest } from './state/nearest.ts';

/** What the command line says. */
export interface CommandLine {
  readonly verb: Verb;
  /** Long names → values; a switch is true. */
  readonly flags: Readonly<Record<string, string | true>>;
  readonly args: readonly string[];
}

/**
 * Reads the arguments after the program's name. Without a verb it is the chat; two words of which the second is a
 * number are the server's host and port, as with the ancestor. Throws a Failure (2).
 */
export function parseArgv(argv: readonly string[]): CommandLine {
  const at = firstWord(argv);
  const word = at === undefined ? undefined : argv[at];
  const verb = word === undefined ? undefined : findVerb(word);
  if (verb !== undefined && at !== undefined) return checked({ verb, ...parse(argv.toSpliced(at, 1), verb.flags) });
  return chat(parse(argv, CHAT.flags));
}

/** `parley logout ann` must not log out whoever was used last. */
function checked(line: CommandLine): CommandLine {
  const { verb, args } = line;
  if (args[0] === undefined || verb.usage.some((form) => form !== '')) return line;
  throw usageFailure(`parley ${verb.name} takes no argument: ${args[0]}.`, '-p NAME means the log-in of that profile.');
}

function chat(line: Omit<CommandLine, 'verb'>): CommandLine {
  const [first, second] = line.args;
  if (first === undefined) return { verb: CHAT, ...line };
  if (line.args.length === 2 && second !== undefined && /^\d+$/.test(second)) {
    const host = first.includes(':') && !first.startsWith('[') ? `[${first}]` : first;
    return { verb: CHAT, flags: { ...line.flags, server: `${host}:${second}` }, args: [] };
  }
  if (line.args.length === 1 && /^[@#\d]/.test(first)) return { verb: CHAT, ...line };
  throw second === undefined ? noSuchVerb(first) : tooMuch(first, second);
}

/** A chat or a host is named, and what follows makes no sense; or else no verb is. */
function tooMuch(first: string, second: string): Failure {
  if (/^[@#]|^\d+$/.test(first)) {
    const hint = `parley send WHERE TEXT sends without opening the chat; a name with blanks is quoted.`;
    return usageFailure(`Only one chat can be opened: ${second} is too much.`, hint);
  }
  if (/[.:]/.test(first))
    return usageFailure(`${second} is no port.`, 'parley HOST PORT, or parley --server HOST:PORT');
  return noSuchVerb(first);
}

/** Nothing is called so; what was probably meant is told. */
export function noSuchVerb(word: string): Failure {
  const near = nearest(
    word,
    VERBS.map(({ name }) => name),
  );
  return usageFailure(`There is no verb ${word}.`, near === undefined ? 'Run: parley help' : `Did you mean ${near}?`);
}

/** Where the first word stands that is neither a flag nor a global flag's value. */
function firstWord(argv: readonly string[]): number | undefined {
  const { tokens } = parseArgs({
    args: [...argv],
    options: optionsOf(GLOBAL_FLAGS),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  return tokens.find((token) => token.kind === 'positional')?.index;
}

function parse(args: readonly string[], flags: readonly Flag[]): Omit<CommandLine, 'verb'> {
  try {
    const options = optionsOf([...GLOBAL_FLAGS, ...flags]);
    const { values, positionals } = parseArgs({ args: [...args], options, strict: true, allowPositionals: true });
    return { flags: values as Record<string, string | true>, args: positionals };
  } catch (error) {
    const [message = ''] = (error instanceof Error ? error.message : String(error)).split(/(?<=\.)\s/, 1);
    throw usageFailure(message.replace(/\.*$/, '.'), hintFor(message, flags));
  }
}

function hintFor(message: string, flags: readonly Flag[]): string | undefined {
  const [, unknown] = /^Unknown option '-+([^']*)'/.exec(message) ?? [];
  if (unknown === undefined) return undefined;
  const near = nearest(
    unknown,
    [...flags, ...GLOBAL_FLAGS].map(({ name }) => name),
  );
  const words = 'Words that begin with - go behind --.';
  return near === undefined || unknown.length === 1 ? words : `Did you mean --${near}? ${words}`;
}

function optionsOf(flags: readonly Flag[]): Record<string, { type: 'string' | 'boolean'; short?: string }> {
  return Object.fromEntries(
    flags.map(({ name, short, value }) => [
      name,
      { type: value === undefined ? 'boolean' : 'string', ...(short === undefined ? {} : { short }) },
    ]),
  );
}
