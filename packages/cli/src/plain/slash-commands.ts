/** One slash command of line mode. */
export interface SlashCommand {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly usage: string;
  readonly help: string;
  /** May be shortened to a unique beginning: it neither sends, deletes nor leaves. */
  readonly isHarmless: boolean;
}

/** Every command, in the order of /help. */
export const SLASH_COMMANDS: readonly SlashCommand[] = [
  { name: 'help', aliases: [], usage: '/help', help: 'this list', isHarmless: true },
  {
    name: 'goto',
    aliases: ['g', 'open', 'query'],
    usage: '/goto [WHERE]',
    help: 'open a chat; alone: list the chats',
    isHarmless: true,
  },
  { name: 'next', aliases: [], usage: '/next', help: 'read the next chat with something unread', isHarmless: true },
  {
    name: 'close',
    aliases: [],
    usage: '/close',
    help: 'close the chat; the colon commands work again',
    isHarmless: true,
  },
  {
    name: 'msg',
    aliases: ['m', 'say'],
    usage: '/msg WHERE TEXT',
    help: 'send without opening the chat',
    isHarmless: false,
  },
  {
    name: 'friend',
    aliases: ['friends'],
    usage: '/friend [add|accept|remove|block|unblock WHO]',
    help: 'friends, requests and blocks',
    isHarmless: true,
  },
  {
    name: 'group',
    aliases: ['groups'],
    usage: '/group [new NAME [-- TEXT] | join GROUP | leave | members | kick WHO | role WHO admin|member]',
    help: 'groups',
    isHarmless: true,
  },
  { name: 'history', aliases: [], usage: '/history [N]', help: 'the last N entries of the chat', isHarmless: true },
  { name: 'who', aliases: [], usage: '/who [WHERE]', help: 'who is here', isHarmless: true },
  { name: 'outbox', aliases: [], usage: '/outbox', help: 'what is not sent yet, or was refused', isHarmless: true },
  { name: 'retry', aliases: [], usage: '/retry [N… | all]', help: 'send it after all', isHarmless: false },
  { name: 'drop', aliases: [], usage: '/drop [N… | all]', help: 'take it back', isHarmless: false },
  { name: 'reconnect', aliases: [], usage: '/reconnect', help: 'try to reach the server now', isHarmless: true },
  { name: 'whoami', aliases: [], usage: '/whoami', help: 'who you are, and where', isHarmless: true },
  { name: 'logout', aliases: [], usage: '/logout', help: 'end this log-in, back to the menu', isHarmless: false },
  { name: 'quit', aliases: ['q', 'exit'], usage: '/quit', help: 'leave; you stay logged in', isHarmless: false },
];

export const COLON_HELP =
  'While no chat is open these work as well: help, chat:ID:TEXT, addfriend:ID, creategroup:NAME:TEXT, addgroup:ID, groupchat:ID:TEXT, logout';

/** The command that a typed word means: itself, an alias, or the unique beginning of a harmless one. */
export function findSlashCommand(word: string): SlashCommand | undefined {
  const exact = SLASH_COMMANDS.find(({ name, aliases }) => name === word || aliases.includes(word));
  if (exact !== undefined || word === '') return exact;
  const begun = SLASH_COMMANDS.filter(({ name }) => name.startsWith(word));
  return begun.length === 1 && begun[0]?.isHarmless === true ? begun[0] : undefined;
}
