import type { ArgumentKind } from '../state/tab-completion.ts';

/** One slash command of line mode. */
export interface SlashCommand {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly usage: string;
  readonly help: string;
  /** May be shortened to a unique beginning: it neither sends, deletes nor leaves. */
  readonly isHarmless: boolean;
  /** What Tab offers for each argument. */
  readonly args: readonly ArgumentKind[];
}

/** Every command, in the order of /help. */
export const SLASH_COMMANDS: readonly SlashCommand[] = [
  { name: 'help', args: [], aliases: [], usage: '/help', help: 'this list', isHarmless: true },
  {
    name: 'goto',
    args: ['where'],
    aliases: ['g', 'open', 'query'],
    usage: '/goto [WHERE]',
    help: 'open a chat; alone: list the chats',
    isHarmless: true,
  },
  {
    name: 'next',
    args: [],
    aliases: [],
    usage: '/next',
    help: 'read the next chat with something unread',
    isHarmless: true,
  },
  {
    name: 'close',
    args: [],
    aliases: [],
    usage: '/close',
    help: 'close the chat; the colon commands work again',
    isHarmless: true,
  },
  {
    name: 'msg',
    args: ['where', 'text'],
    aliases: ['m', 'say'],
    usage: '/msg WHERE TEXT',
    help: 'send without opening the chat',
    isHarmless: false,
  },
  {
    name: 'friend',
    args: [['add', 'accept', 'remove', 'block', 'unblock'], 'person'],
    aliases: ['friends'],
    usage: '/friend [add|accept|remove|block|unblock WHO]',
    help: 'friends, requests and blocks',
    isHarmless: true,
  },
  {
    name: 'group',
    args: [['new', 'join', 'leave', 'members', 'kick', 'role'], 'where', ['admin', 'member']],
    aliases: ['groups'],
    usage: '/group [new NAME [-- TEXT] | join GROUP | leave | members | kick WHO | role WHO admin|member]',
    help: 'groups',
    isHarmless: true,
  },
  {
    name: 'history',
    args: [],
    aliases: [],
    usage: '/history [N]',
    help: 'the last N entries of the chat',
    isHarmless: true,
  },
  { name: 'who', args: ['where'], aliases: [], usage: '/who [WHERE]', help: 'who is here', isHarmless: true },
  {
    name: 'outbox',
    args: [],
    aliases: [],
    usage: '/outbox',
    help: 'what is not sent yet, or was refused',
    isHarmless: true,
  },
  { name: 'retry', args: [], aliases: [], usage: '/retry [N… | all]', help: 'send it after all', isHarmless: false },
  { name: 'drop', args: [], aliases: [], usage: '/drop [N… | all]', help: 'take it back', isHarmless: false },
  {
    name: 'reconnect',
    args: [],
    aliases: [],
    usage: '/reconnect',
    help: 'try to reach the server now',
    isHarmless: true,
  },
  { name: 'whoami', args: [], aliases: [], usage: '/whoami', help: 'who you are, and where', isHarmless: true },
  {
    name: 'logout',
    args: [],
    aliases: [],
    usage: '/logout',
    help: 'end this log-in, back to the menu',
    isHarmless: false,
  },
  {
    name: 'quit',
    args: [],
    aliases: ['q', 'exit'],
    usage: '/quit',
    help: 'leave; you stay logged in',
    isHarmless: false,
  },
];

/** The ancestor's commands, as they begin. */
export const COLON_COMMANDS = ['help', 'chat:', 'addfriend:', 'creategroup:', 'addgroup:', 'groupchat:', 'logout'];

export const COLON_HELP =
  'While no chat is open these work as well: help, chat:ID:TEXT, addfriend:ID, creategroup:NAME:TEXT, addgroup:ID, groupchat:ID:TEXT, logout';

export const KEYS_HELP =
  'Keys: Tab completes, Up and Down go through what was typed, Alt-A opens the next unread chat, Alt-Enter makes a new line, Ctrl-C drops the line.';

/** The command that a typed word means: itself, an alias, or the unique beginning of a harmless one. */
export function findSlashCommand(word: string): SlashCommand | undefined {
  const exact = SLASH_COMMANDS.find(({ name, aliases }) => name === word || aliases.includes(word));
  if (exact !== undefined || word === '') return exact;
  const begun = SLASH_COMMANDS.filter(({ name }) => name.startsWith(word));
  return begun.length === 1 && begun[0]?.isHarmless === true ? begun[0] : undefined;
}
