import { CHAT, VERBS, type Verb } from './command-table.ts';
import { EXIT, EXIT_MEANINGS, type ExitName } from './exit-codes.ts';
import { type Flag, GLOBAL_FLAGS, spelled } from './flags.ts';

/** What the manual says besides the table, once for each of its forms. */
const ADDRESSES =
  'WHERE is @bob (a person), #lunch (a group), u42 or g7; @42 and #7 are the person and the group of that number.';
const SETTINGS =
  'The flags of every verb and those of line mode may be set as PARLEY_NAME in the environment, or as a key in config.toml; flag before environment before profile before file. PARLEY_TOKEN is a token to log in with, and nothing is written then. PARLEY_HOME puts all files into one folder.';
const OUTBOX =
  'A message is in the outbox on disk before it goes over the wire, and goes again under the same client id until the server has stored or refused it. Messages older than 10 minutes wait to be asked about: flush --old sends them.';

const LINE_MODE = [
  'What comes in stands above the line that is being typed, never inside it. /help lists the commands; /next reads what is new.',
  'Keys: those of Emacs and readline; Tab completes commands, names and groups; Up and Down go through the lines of this session, but for those that begin with a space; Alt-Enter makes a new line, and a paste of several lines is sent as one message by Enter; Alt-A goes to the next unread chat; Ctrl-C drops the line, twice it quits.',
  'A name with blanks in it stands in quotes where it is not one that Tab knows: /msg "#new team" hello.',
  'What was typed for a chat and not sent is kept, and is there again when the chat is opened.',
  'With --screen-reader or ACCESSIBLE=1 the cursor is never moved and nothing is written over; with TERM=dumb, or none, the terminal edits the line. On a pipe each line is a command or a text, and nothing is prompted for.',
  'Times are local; the day stands above them where it is not the one on which the program began. JSON is in UTC. Where LC_ALL, LC_CTYPE or LANG names a locale without UTF-8, a terminal is shown ASCII alone; pipes and JSON are UTF-8 always.',
];

/** The manual page in the language of man(7). */
export function manPage(release: string): string {
  return [
    `.TH PARLEY 1 "" "Parley ${release}" "User Commands"`,
    '.SH NAME',
    'parley \\- chat from the terminal',
    '.SH SYNOPSIS',
    ...CHAT.usage.flatMap((form) => [`.B parley ${roff(form)}`, '.br']),
    '.B parley VERB',
    '[flags] [arguments]',
    '.SH DESCRIPTION',
    roff(ADDRESSES),
    '.SH VERBS',
    ...VERBS.flatMap(verbRoff),
    '.SH LINE MODE',
    ...LINE_MODE.flatMap((text) => [roff(text), '.PP']),
    ...CHAT.flags.flatMap(flagRoff),
    '.SH FLAGS OF EVERY VERB',
    ...GLOBAL_FLAGS.flatMap(flagRoff),
    '.SH OUTBOX',
    roff(OUTBOX),
    '.SH SETTINGS',
    roff(SETTINGS),
    '.SH EXIT STATUS',
    ...exits().flatMap(([code, meaning]) => ['.TP', `.B ${code}`, roff(meaning)]),
    '',
  ].join('\n');
}

function verbRoff(verb: Verb): string[] {
  const forms = verb.usage.map((form) => `.B ${roff(`parley ${verb.name} ${form}`.trimEnd())}`);
  return [
    `.SS ${verb.name}`,
    ...forms.flatMap((form) => [form, '.br']),
    roff(`${verb.summary}.`),
    ...(verb.details ?? []).flatMap((text) => ['.PP', roff(text)]),
    ...verb.flags.flatMap(flagRoff),
  ];
}

function flagRoff(flag: Flag): string[] {
  return ['.TP', `.B ${roff(spelled(flag))}`, roff(flag.help)];
}

/** A line that begins with a dot or quote would be a command, a backslash begins one, and - would be a hyphen. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/, '\\&');
}

/** The same as Markdown: docs/CLI.md. */
export function markdownManual(): string {
  return [
    '# The `parley` command',
    '',
    'Made from the command table by `parley man --markdown`; a test fails when they part.',
    '',
    ADDRESSES,
    '',
    OUTBOX,
    '',
    SETTINGS,
    '',
    '## Line mode',
    '',
    ...CHAT.usage.map((form) => `    parley ${form}`),
    '',
    ...LINE_MODE.flatMap((text) => [text, '']),
    ...flagsMarkdown(CHAT.flags),
    '## Verbs',
    '',
    ...VERBS.flatMap(verbMarkdown),
    '## Flags of every verb',
    '',
    ...flagsMarkdown(GLOBAL_FLAGS),
    '## Exit codes',
    '',
    '| code | meaning |',
    '| --- | --- |',
    ...exits().map(([code, meaning]) => `| ${code} | ${cell(meaning)} |`),
    '',
  ].join('\n');
}

function verbMarkdown(verb: Verb): string[] {
  const codes = verb.exits.map((name) => EXIT[name]).toSorted((a, b) => a - b);
  return [
    `### ${verb.name}`,
    '',
    ...verb.usage.map((form) => `    ${`parley ${verb.name} ${form}`.trimEnd()}`),
    '',
    `${verb.summary}.`,
    '',
    ...(verb.details ?? []).flatMap((text) => [text, '']),
    ...flagsMarkdown(verb.flags),
    ...(codes.length === 0 ? [] : [`Exit codes besides the common ones: ${codes.join(', ')}.`, '']),
  ];
}

function flagsMarkdown(flags: readonly Flag[]): string[] {
  if (flags.length === 0) return [];
  const rows = flags.map((flag) => `| \`${cell(spelled(flag))}\` | ${cell(flag.help)} |`);
  return ['| flag | |', '| --- | --- |', ...rows, ''];
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function exits(): [number, string][] {
  return (Object.keys(EXIT) as ExitName[]).map((name) => [EXIT[name], EXIT_MEANINGS[name]]);
}
