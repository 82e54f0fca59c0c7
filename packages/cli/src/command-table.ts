import type { Context } from './context.ts';
import type { ExitName } from './exit-codes.ts';
import type { Flag } from './flags.ts';

/** Runs a verb; resolves with the exit code. What it throws becomes a message and an exit code. */
export type Run = (context: Context) => Promise<number>;

/** One verb of the program: help, and what the command line may say, come from here. */
export interface Verb {
  readonly name: string;
  readonly summary: string;
  /** What else there is to know, for the manual. */
  readonly details?: readonly string[];
  /** What follows the verb's name, one line for each form. */
  readonly usage: readonly string[];
  readonly flags: readonly Flag[];
  /** Exit codes besides those that every verb has. */
  readonly exits: readonly ExitName[];
  /** After a signal it ends by itself, however long that takes: it has something to put back. */
  readonly endsItself?: true;
  /** It mends config.toml, and so runs with one that is no good. */
  readonly mendsConfig?: true;
  readonly load: () => Promise<{ readonly run: Run }>;
}

const PASSWORD_STDIN: Flag = { name: 'password-stdin', help: 'read the password from stdin, one line' };
const DEVICE: Flag = { name: 'device', value: 'NAME', help: 'what this log-in is called in the list of devices' };
const OFFLINE: Flag = { name: 'offline', help: 'what is kept on this machine, without the server' };
const ASKING: readonly ExitName[] = ['notLoggedIn', 'unreachable', 'timeout'];

const RPC = [
  'A request is an object on a line of its own: op, the fields that PROTOCOL.md gives for that operation, and ref, any value. The answer, {"type":"ok"} with the fields of PROTOCOL.md or {"type":"error"} with code, message, hint and exit, carries the same ref; answers come in any order. All operations but those of the log-in, sync and ping are passed on.',
  'createGroup, join, leave, kick and role are given a clientId when they have none. send goes through the outbox: it takes to, text and clientId, by which a repeat is harmless; its answer has id, client_id, seq, duplicate and ts.',
  'Events are the lines of tail -f with --types all, from the start of the program on, and {"type":"conn"} with the state of the link. The first line with the state online and a user says that they have begun.',
];

/** Every verb, in the order of the help. */
export const VERBS: readonly Verb[] = [
  {
    name: 'register',
    summary: 'make an account and log in',
    usage: ['NAME'],
    flags: [PASSWORD_STDIN, DEVICE],
    exits: ['unreachable', 'timeout'],
    load: async () => await import('./verbs/register.ts'),
  },
  {
    name: 'login',
    summary: 'log in; another name makes another profile',
    usage: ['[NAME]'],
    flags: [
      PASSWORD_STDIN,
      { name: 'token-stdin', help: 'log in with a token, read from stdin, instead of a password' },
      DEVICE,
    ],
    exits: ASKING,
    load: async () => await import('./verbs/login.ts'),
  },
  {
    name: 'logout',
    summary: 'revoke this log-in on the server and forget it here',
    usage: [''],
    flags: [],
    exits: ASKING,
    load: async () => await import('./verbs/logout.ts'),
  },
  {
    name: 'whoami',
    summary: 'who is logged in, and where',
    usage: [''],
    flags: [],
    exits: ASKING,
    load: async () => await import('./verbs/whoami.ts'),
  },
  {
    name: 'send',
    summary: 'send a message; without TEXT all of stdin is one',
    usage: ['WHERE [TEXT…]'],
    flags: [
      { name: 'file', short: 'f', value: 'FILE', help: 'send what is in FILE; - is stdin' },
      { name: 'lines', help: 'one message for each line, in order; at most 100000' },
      {
        name: 'id',
        value: 'KEY',
        help: 'makes a repeat harmless: the same KEY is sent once (with --lines KEY-1, KEY-2 …)',
      },
      { name: 'wait', value: 'sent|none', help: 'until the server has stored it (sent), or not at all (none)' },
      { name: 'queue', help: 'no answer in time is no failure: it stays in the outbox and goes with the next run' },
      { name: 'dry-run', help: 'check everything, send nothing' },
    ],
    exits: ['partly', ...ASKING, 'notFound', 'refused', 'slowDown', 'queued'],
    load: async () => await import('./verbs/send.ts'),
  },
  {
    name: 'tail',
    summary: 'the last messages, and with -f those to come; without WHERE of every chat',
    usage: ['[WHERE…]'],
    flags: [
      { name: 'lines', short: 'n', value: '20', help: 'how many to begin with, of each chat' },
      { name: 'follow', short: 'f', help: 'go on with what comes' },
      { name: 'since', value: 'SEQ', help: 'begin after this number of the chat' },
      { name: 'no-self', help: 'leave out what this account said' },
      { name: 'types', value: 'A,B', help: 'kinds of entries, or all; message unless told otherwise' },
      { name: 'count', value: 'N', help: 'end after N entries' },
      { name: 'for', value: '30s', help: 'end after this time' },
      { name: 'mark-read', help: 'what was printed counts as read' },
      { name: 'cursor', value: 'FILE', help: 'go on where the last run with this FILE ended: at least once' },
    ],
    exits: [...ASKING, 'notFound', 'refused'],
    load: async () => await import('./verbs/tail.ts'),
  },
  {
    name: 'history',
    summary: 'what was said in a chat, oldest first',
    usage: ['WHERE'],
    flags: [
      { name: 'lines', short: 'n', value: '50', help: 'how many' },
      { name: 'before', value: 'SEQ', help: 'those before this number' },
      { name: 'after', value: 'SEQ', help: 'those after this number' },
      { name: 'all', help: 'as many as there are' },
      OFFLINE,
    ],
    exits: [...ASKING, 'notFound', 'refused'],
    load: async () => await import('./verbs/history.ts'),
  },
  {
    name: 'ls',
    summary: 'the chats, what is unread in them, and which have a draft',
    usage: [''],
    flags: [OFFLINE],
    exits: ASKING,
    load: async () => await import('./verbs/ls.ts'),
  },
  {
    name: 'unread',
    summary: 'what is unread; ends with 1 when nothing is',
    usage: [''],
    flags: [{ name: 'total', help: 'only the number of unread messages' }, OFFLINE],
    exits: ASKING,
    load: async () => await import('./verbs/unread.ts'),
  },
  {
    name: 'read',
    summary: 'mark chats as read to their ends',
    usage: ['WHERE…', '--all'],
    flags: [{ name: 'all', help: 'every chat' }],
    exits: ['partly', ...ASKING, 'notFound', 'refused'],
    load: async () => await import('./verbs/read.ts'),
  },
  {
    name: 'friends',
    summary: 'friends, requests and blocks',
    usage: ['[ls]', 'add|remove|block|unblock WHO…'],
    flags: [],
    exits: ['partly', ...ASKING, 'notFound', 'refused'],
    load: async () => await import('./verbs/friends.ts'),
  },
  {
    name: 'group',
    summary: 'groups and who is in them',
    usage: [
      '[list]',
      'new NAME [DESCRIPTION…]',
      'join|leave|members GROUP',
      'kick GROUP WHO…',
      'role GROUP WHO admin|member',
    ],
    flags: [],
    exits: ['partly', ...ASKING, 'notFound', 'refused'],
    load: async () => await import('./verbs/group.ts'),
  },
  {
    name: 'outbox',
    summary: 'messages that are not settled; retry and drop act on those named, or on all',
    usage: ['[ls]', 'retry [ID…]', 'drop [ID…]'],
    flags: [],
    exits: ['partly', ...ASKING, 'queued'],
    load: async () => await import('./verbs/outbox.ts'),
  },
  {
    name: 'flush',
    summary: 'send what waits in the outbox',
    usage: [''],
    flags: [{ name: 'old', help: 'also what was written more than 10 minutes ago' }],
    exits: ['partly', ...ASKING, 'refused', 'queued'],
    load: async () => await import('./verbs/flush.ts'),
  },
  {
    name: 'devices',
    summary: 'the account’s log-ins; revoke ends one',
    usage: ['[ls]', 'revoke ID'],
    flags: [],
    exits: [...ASKING, 'notFound'],
    load: async () => await import('./verbs/devices.ts'),
  },
  {
    name: 'export',
    summary: 'write a whole chat down',
    usage: ['WHERE'],
    flags: [
      { name: 'format', value: 'jsonl|text|html', help: 'one JSON object a line unless told otherwise' },
      { name: 'output', short: 'o', value: 'FILE', help: 'a new file, which nobody else can read, instead of stdout' },
    ],
    exits: [...ASKING, 'notFound', 'refused'],
    load: async () => await import('./verbs/export.ts'),
  },
  {
    name: 'rpc',
    summary: 'JSON Lines both ways, for bots: requests on stdin, answers and events on stdout',
    details: RPC,
    usage: [''],
    flags: [],
    exits: ASKING,
    load: async () => await import('./verbs/rpc.ts'),
  },
  {
    name: 'script',
    summary: 'line mode’s commands and the ancestor’s colon commands, one a line, from FILE or stdin',
    usage: ['[FILE]'],
    flags: [{ name: 'errexit', short: 'e', help: 'stop at the first error' }],
    exits: ['partly', ...ASKING, 'notFound', 'refused', 'slowDown'],
    load: async () => await import('./verbs/script.ts'),
  },
  {
    name: 'config',
    summary: 'settings in config.toml; with -p those of one profile',
    usage: ['[ls]', 'get KEY', 'set KEY VALUE', 'unset KEY', 'edit', 'path'],
    flags: [],
    exits: [],
    mendsConfig: true,
    load: async () => await import('./verbs/config.ts'),
  },
  {
    name: 'doctor',
    summary: 'a report on the terminal, the files and the way to the server; ends with 1 when something is wrong',
    usage: [''],
    flags: [],
    exits: ['unreachable'],
    load: async () => await import('./verbs/doctor.ts'),
  },
  {
    name: 'verify',
    summary: 'break a Parley on purpose while people talk, and show that nothing acknowledged was lost',
    usage: ['', '--at HOST:PORT', '--history FILE'],
    flags: [
      {
        name: 'store',
        value: 'NAME',
        help: 'start a cluster on mysql (unless told otherwise) or mariadb, or sqlite: one node',
      },
      { name: 'nodes', value: 'N', help: 'how many nodes to start; 2' },
      {
        name: 'at',
        value: 'HOST:PORT,…',
        help: 'start nothing: a Parley that runs already, where people connect to it',
      },
      {
        name: 'database',
        value: 'FILE|URL',
        help: 'with --at: its database, to be read; with a password: PARLEY_DATABASE',
      },
      { name: 'seconds', value: 'N', help: 'how long people talk; 30' },
      { name: 'users', value: 'N', help: 'how many people; 40' },
      { name: 'rate', value: 'N', help: 'how many messages they send a second; 1500, with --at 300' },
      {
        name: 'faults',
        value: 'A,B',
        help: 'which faults: all unless told otherwise, none, or names; a wrong name lists them',
      },
      { name: 'at-once', value: 'N', help: 'how many faults together; 1' },
      { name: 'seed', value: 'N', help: 'the same seed gives the same people and the same faults; by chance' },
      { name: 'folder', value: 'FOLDER', help: 'keep data, logs and history there; it must be new or empty' },
      { name: 'history', value: 'FILE', help: 'judge the history of an earlier run again' },
    ],
    exits: ['unreachable'],
    endsItself: true,
    load: async () => await import('./verbs/verify.ts'),
  },
  {
    name: 'completion',
    summary: 'a script that completes verbs, flags and names in a shell',
    usage: ['bash|zsh|fish', '--names'],
    flags: [{ name: 'names', help: 'the chats and friends that are kept on this machine, one a line' }],
    exits: [],
    load: async () => await import('./verbs/completion.ts'),
  },
  {
    name: 'man',
    summary: 'the manual page: parley man | man -l -',
    usage: [''],
    flags: [{ name: 'markdown', help: 'the same as Markdown' }],
    exits: [],
    load: async () => await import('./verbs/man.ts'),
  },
  {
    name: 'help',
    summary: 'help for the program or a verb',
    usage: ['[VERB]'],
    flags: [],
    exits: [],
    load: async () => await import('./verbs/help.ts'),
  },
];

/** `parley` without a verb: line mode. */
export const CHAT: Verb = {
  name: '',
  summary: 'chat, line by line',
  usage: ['[WHERE]', 'HOST PORT'],
  flags: [
    { name: 'plain', help: 'line mode, which is the only one so far' },
    { name: 'screen-reader', help: 'never move the cursor or write over anything (also ACCESSIBLE=1)' },
    {
      name: 'say',
      value: 'now|idle|on-enter',
      help: 'when what comes in is shown; idle, with a screen reader: when nobody types',
    },
    { name: 'legacy-commands', value: 'always', help: 'chat:ID:TEXT and the like also while a chat is open' },
  ],
  exits: ['notLoggedIn'],
  endsItself: true,
  load: async () => await import('./plain/chat.ts'),
};

/** By its exact name; undefined when there is none. Line mode, which has no name, is CHAT. */
export function findVerb(name: string): Verb | undefined {
  return VERBS.find((verb) => verb.name === name);
}
