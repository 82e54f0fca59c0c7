import { CHAT, VERBS, type Verb } from './command-table.ts';
import { EXIT, EXIT_MEANINGS, type ExitName } from './exit-codes.ts';
import { type Flag, GLOBAL_FLAGS, spelled } from './flags.ts';

/** Exit codes that every verb has. */
const ALWAYS: readonly ExitName[] = ['done', 'failed', 'usage', 'badConfig', 'hungUp', 'interrupted', 'terminated'];

/** The program's help. */
export function programHelp(): string {
  return [
    'parley: a chat client for the terminal',
    '',
    ...CHAT.usage.map(
      (form, index) =>
        `${index === 0 ? 'Usage:' : '      '} ${`parley ${form}`.trimEnd().padEnd(24)}${index === 0 ? CHAT.summary : 'the same, with another server'}`,
    ),
    '       parley VERB …',
    '',
    'Verbs:',
    ...table(VERBS.map(({ name, summary }) => [name, summary])),
    '',
    'Flags:',
    ...flagLines(GLOBAL_FLAGS),
    '',
    'Flags of the chat:',
    ...flagLines(CHAT.flags),
    '',
    'WHERE is @bob, #lunch, u42 or g7; @42 and #7 are the numbers 42 and 7.',
    'Each of these flags may be set as PARLEY_NAME in the environment, or in config.toml. PARLEY_TOKEN is a token.',
    'Run parley help VERB for one verb.',
  ].join('\n');
}

/** One verb's help. */
export function verbHelp(verb: Verb): string {
  const exits = (Object.keys(EXIT) as ExitName[]).filter((name) => ALWAYS.includes(name) || verb.exits.includes(name));
  return [
    `parley ${verb.name}: ${verb.summary}`,
    '',
    ...verb.usage.map((form, index) => `${index === 0 ? 'Usage:' : '      '} parley ${verb.name} ${form}`.trimEnd()),
    ...(verb.flags.length === 0 ? [] : ['', 'Flags:', ...flagLines(verb.flags)]),
    '',
    'Exit codes:',
    ...table(exits.map((name) => [String(EXIT[name]), EXIT_MEANINGS[name]])),
    '',
    'Flags of every verb: parley help',
  ].join('\n');
}

/** Long names stand below each other, whether there is a short one before them or not. */
function flagLines(flags: readonly Flag[]): string[] {
  return table(flags.map((flag) => [`${flag.short === undefined ? '    ' : ''}${spelled(flag)}`, flag.help]));
}

function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
