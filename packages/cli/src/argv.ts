import { parseArgs } from 'node:util';
import { CHAT, findVerb, VERBS, type Verb } from './command-table.ts';
import { usageFailure } from './failure.ts';
import { type Flag, GLOBAL_FLAGS } from './flags.ts';

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
  if (verb !== undefined && at !== undefined) return { verb, ...parse(argv.toSpliced(at, 1), verb.flags) };
  return chat(parse(argv, CHAT.flags));
}

function chat(line: Omit<CommandLine, 'verb'>): CommandLine {
  const [first, second] = line.args;
  if (first === undefined) return { verb: CHAT, ...line };
  if (line.args.length === 2 && second !== undefined && /^\d+$/.test(second)) {
    const host = first.includes(':') && !first.startsWith('[') ? `[${first}]` : first;
    return { verb: CHAT, flags: { ...line.flags, server: `${host}:${second}` }, args: [] };
  }
  if (line.args.length === 1 && /^[@#\d]/.test(first)) return { verb: CHAT, ...line };
  const near = VERBS.find(({ name }) => name.startsWith(first) || first.startsWith(name))?.name;
  throw usageFailure(`There is no verb ${first}.`, near === undefined ? 'Run: parley help' : `Did you mean ${near}?`);
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
    const message = error instanceof Error ? error.message : String(error);
    throw usageFailure(
      message.split('. ', 1)[0]?.concat('.').replace('..', '.') ?? message,
      'Words that begin with - go behind --.',
    );
  }
}

function optionsOf(flags: readonly Flag[]): Record<string, { type: 'string' | 'boolean'; short?: string }> {
  return Object.fromEntries(
    flags.map(({ name, short, value }) => [
      name,
      { type: value === undefined ? 'boolean' : 'string', ...(short === undefined ? {} : { short }) },
    ]),
  );
}
