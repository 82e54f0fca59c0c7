import type { ChatClient, Outbox } from '@parley/client';
import { createClientId, parseAddress } from '@parley/protocol';
import { findPlace, type Place, toGroup, toPerson, toWhere } from '../addresses.ts';
import type { DayLines } from '../day-lines.ts';
import { entryText, safe } from '../entries.ts';
import { usageFailure } from '../failure.ts';
import { contacts, membersOf, presence, relationOf } from '../lists.ts';
import { outboxWords } from '../outgoing.ts';
import { chatAt, placeLabel } from '../state/chats.ts';
import { currentChats, type LineState, unreadChats } from '../state/line-state.ts';
import { firstName, namesIn, unquoted } from '../state/spaced-names.ts';
import { isWithoutLink, type LastEntries, type Wanted } from './last-entries.ts';
import { chatLine, count, helpLines } from './lines.ts';
import { spacedNames } from './vocabulary.ts';

/** A line of a list, and the chat that its number opens. */
export interface ListRow {
  readonly text: string;
  /** A chat that is known, or an address. */
  readonly opens: Place | string;
}

/** What a command may do with the session that it was typed into. */
export interface CommandHost {
  readonly client: ChatClient;
  readonly server: string;
  /** Undefined where nothing is kept on disk. */
  readonly outbox: Outbox | undefined;
  /** What is shown goes by way of it. */
  readonly days: DayLines;
  /** Of the terminal; undefined where there is none. */
  readonly columns: number | undefined;
  state(): LineState;
  print(line: string): void;
  /** Conversations for which something is typed and not sent. */
  drafts(): ReadonlySet<string>;
  /** Prints numbered lines; until the next list their numbers are good for /goto. */
  printList(rows: readonly ListRow[]): void;
  /** What the numbers of the last list mean; undefined when none was printed. */
  listed(): readonly ListRow[] | undefined;
  /** Opens a chat and shows what is new in it. */
  open(conversation: string, label: string): Promise<void>;
  closeChat(): void;
  /** The end of a chat; without a link what is kept of it. */
  lastEntries(wanted: Wanted): Promise<LastEntries>;
  send(to: string, text: string): void;
  leave(how: 'logout' | 'quit'): void;
}

type Command = (host: CommandHost, rest: string) => Promise<void> | void;

/** What each slash command does. Throws Failures and ClientErrors; they are printed. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  help: (host) => host.print(helpLines(host.columns).join('\n')),
  goto: goTo,
  next,
  close: (host) => host.closeChat(),
  msg,
  friend,
  group,
  history,
  who,
  outbox: printOutbox,
  retry: (host, rest) => outboxOf(host).retry(named(host, rest)),
  drop,
  reconnect: (host) => host.client.reconnectNow(),
  whoami: (host) => host.print(whoAmI(host)),
  logout: (host) => host.leave('logout'),
  quit: (host) => host.leave('quit'),
};

function whoAmI({ client, server }: CommandHost): string {
  return `${safe(client.user?.name ?? '')} (number ${client.user?.id}) at ${server}.`;
}

function outboxOf({ outbox }: CommandHost): Outbox {
  if (outbox === undefined) throw usageFailure('Nothing is kept on disk here, so there is no outbox.');
  return outbox;
}

/** Every line is numbered, as /retry and /drop take them. */
function printOutbox(host: CommandHost): void {
  const lines = outboxWords(outboxOf(host)).map(({ item: { to, text, refusal }, word }, index) => {
    const why = refusal === undefined ? '' : `: ${safe(refusal.message)}`;
    return `${index + 1} ${safe(placeLabel(host.state().known, to))}, ${word}${why}: ${safe(text)}`;
  });
  host.print(lines.length === 0 ? 'The outbox is empty.' : lines.join('\n'));
}

/** Client ids by the numbers of /outbox; all of what waits for a word when there are none, or with `all`. */
function named(host: CommandHost, rest: string): string[] {
  const outbox = outboxOf(host);
  const items = outbox.items();
  if (rest === 'all') return items.map(({ clientId }) => clientId);
  if (rest === '') {
    const waiting = [...outbox.held(), ...items.filter(({ state }) => state === 'refused')];
    if (waiting.length === 0) host.print('Nothing waits for a word. /outbox lists what is on its way.');
    return waiting.map(({ clientId }) => clientId);
  }
  return words(rest).map((number) => {
    const item = /^\d+$/.test(number) ? items[Number(number) - 1] : undefined;
    if (item === undefined) throw usageFailure(`There is no ${safe(number)} in the outbox. /outbox lists it.`);
    return item.clientId;
  });
}

async function drop(host: CommandHost, rest: string): Promise<void> {
  const outbox = outboxOf(host);
  for (const clientId of named(host, rest)) {
    host.print((await outbox.drop(clientId)) === 'dropped' ? 'Dropped.' : 'Too late: it was sent.');
  }
}

/** How many entries are shown of a chat that is opened with nothing new in it. */
const GLANCE = 10;

async function goTo(host: CommandHost, rest: string): Promise<void> {
  const where = unquoted(rest);
  if (where === '') {
    const rows = chatRows(host);
    if (rows.length > 0) host.printList(rows);
    else host.print('No chats yet. /goto @NAME opens one, /group join #NAME joins a group.');
    return;
  }
  const meant = /^\d{1,4}$/.test(where) ? rowAt(host, Number(where)) : toWhere(isBare(where) ? `@${where}` : where);
  const place = typeof meant === 'string' ? await placeOf(host, meant) : meant;
  await host.open(place.conversation, place.label);
}

/** What the server says is meant; without a link, what is known here. */
async function placeOf(host: CommandHost, where: string): Promise<Place> {
  try {
    return await findPlace(host.client, where);
  } catch (error) {
    const chat = isWithoutLink(error) ? chatAt(host.state().known.chats.values(), where) : undefined;
    if (chat === undefined) throw error;
    return { conversation: chat.id, label: chat.label };
  }
}

function chatRows(host: CommandHost): ListRow[] {
  const drafts = host.drafts();
  return currentChats(host.state()).map((chat) => ({
    text: chatLine(chat, drafts.has(chat.id)),
    opens: { conversation: chat.id, label: chat.label },
  }));
}

/** A name without its sign: only a person is named so. */
function isBare(where: string): boolean {
  return !/^[@#\d]/.test(where) && parseAddress(where) === undefined;
}

/** A bare number is a place in the list that was printed last; in that of the chats, before there was one. */
function rowAt(host: CommandHost, position: number): Place | string {
  const rows = host.listed() ?? chatRows(host);
  const row = rows[position - 1];
  if (row !== undefined) return row.opens;
  throw usageFailure(`The list has ${count(rows.length, 'line')}. A person's number is written @${position}.`);
}

async function next(host: CommandHost): Promise<void> {
  const chats = unreadChats(host.state());
  const chat = chats.find(({ id }) => id !== host.state().open?.conversation) ?? chats[0];
  if (chat === undefined) {
    host.print('Nothing is unread.');
    return;
  }
  await host.open(chat.id, chat.label);
  const left = unreadChats(host.state()).length;
  host.print(`end of ${safe(chat.label)}. ${left === 0 ? 'Nothing else is unread' : `${count(left, 'chat')} left`}.`);
}

function msg(host: CommandHost, rest: string): void {
  const { name, rest: text } = firstName(rest, spacedNames(host.state()));
  if (name === '' || text === '') throw usageFailure('/msg WHERE TEXT');
  host.send(toWhere(name), text);
}

async function history(host: CommandHost, rest: string): Promise<void> {
  const { open } = host.state();
  if (open === undefined) throw usageFailure('No chat is open. /goto WHERE opens one.');
  const limit = /^\d{1,3}$/.test(rest) ? Math.max(1, Number(rest)) : 2 * GLANCE;
  const { entries, more, isKept } = await host.lastEntries({ conversation: open.conversation, limit });
  if (isKept) host.print('as kept on this machine');
  if (more) host.print('earlier entries are not shown');
  for (const entry of entries) host.print(host.days.dated(entry.time, entryText(entry, host.state().me)));
}

async function friend(host: CommandHost, rest: string): Promise<void> {
  const [word = 'ls', ...names] = namesIn(rest, spacedNames(host.state()));
  const op = FRIEND_OPS[word];
  if (word === 'ls' || op === undefined) {
    if (names.length > 0 || (word !== 'ls' && op === undefined))
      throw usageFailure('/friend add|accept|remove|block|unblock WHO');
    await printFriends(host);
    return;
  }
  if (names.length === 0) throw usageFailure(`/friend ${word} WHO`);
  for (const name of names) {
    await host.client.request(op, { user: toPerson(name) });
    host.print(`${safe(name)}: done (${word}).`);
  }
}

const FRIEND_OPS: Readonly<Record<string, 'addFriend' | 'removeFriend' | 'block' | 'unblock'>> = {
  add: 'addFriend',
  accept: 'addFriend',
  remove: 'removeFriend',
  block: 'block',
  unblock: 'unblock',
};

async function printFriends(host: CommandHost): Promise<void> {
  const rows: ListRow[] = [];
  for await (const row of contacts(host.client)) {
    const relation = relationOf(row);
    const text = `${safe(row.user.name)}, ${presence(row)}${relation === 'friend' ? '' : `, ${relation}`}`;
    rows.push({ text, opens: `u${row.user.id}` });
  }
  if (rows.length > 0) host.printList(rows);
  else host.print('No friends yet. /friend add NAME');
}

async function who(host: CommandHost, rest: string): Promise<void> {
  const where = rest === '' ? host.state().open?.conversation : toWhere(unquoted(rest));
  if (where === undefined) await printFriends(host);
  else if (where.startsWith('g') || where.startsWith('#')) await printMembers(host, where);
  else {
    const other = host.state().known.chats.get(where)?.peer?.id;
    const { user } = await host.client.request('whois', { user: other ?? where });
    host.print(`${safe(user.name)} (number ${user.id})`);
  }
}

async function printMembers(host: CommandHost, group: string): Promise<void> {
  const rows: ListRow[] = [];
  for await (const { user, role, online } of membersOf(host.client, group)) {
    rows.push({ text: `${safe(user.name)}, ${role}, ${online ? 'online' : 'offline'}`, opens: `u${user.id}` });
  }
  host.printList(rows);
}

async function group(host: CommandHost, rest: string): Promise<void> {
  const [word = 'list', ...args] = words(rest);
  const deed = Object.hasOwn(GROUP_DEEDS, word) ? GROUP_DEEDS[word] : undefined;
  if (deed === undefined) throw usageFailure('/group new|join|leave|members|kick|role|list');
  // The name of a new one ends where its description begins.
  await deed(host, word === 'new' ? args : namesIn(rest, spacedNames(host.state())).slice(1));
}

const GROUP_DEEDS: Readonly<Record<string, (host: CommandHost, args: readonly string[]) => Promise<void> | void>> = {
  list: (host) => {
    const groups = currentChats(host.state()).filter((chat) => chat.isGroup);
    const rows = groups.map(({ id, label, role }) => {
      return { text: `${safe(label)}, ${role}`, opens: { conversation: id, label } };
    });
    if (rows.length > 0) host.printList(rows);
    else host.print('No groups yet. /group new NAME');
  },
  new: async (host, args) => {
    const at = args.indexOf('--');
    const name = unquoted(args.slice(0, at === -1 ? undefined : at).join(' ')).replace(/^#/, '');
    const description = at === -1 ? '' : args.slice(at + 1).join(' ');
    if (name === '') throw usageFailure('/group new NAME [-- TEXT]');
    const fields = { name, ...(description === '' ? {} : { description }), clientId: createClientId() };
    const reply = await host.client.request('createGroup', fields);
    host.print(
      `Made #${safe(reply.name)}, number ${reply.conversation.slice(1)}. /goto #${safe(reply.name)} opens it.`,
    );
  },
  // A group alone needs no quotes.
  join: async (host, args) => {
    const name = args.join(' ');
    if (name === '') throw usageFailure('/group join GROUP');
    await host.client.request('join', { group: toGroup(name), clientId: createClientId() });
    host.print(`Joined ${safe(name)}.`);
  },
  leave: async (host, args) => {
    const group = args.length === 0 ? openGroup(host) : toGroup(args.join(' '));
    const reply = await host.client.request('leave', { group, clientId: createClientId() });
    host.print('Left.');
    if (host.state().open?.conversation === reply.conversation) host.closeChat();
  },
  members: async (host, args) =>
    await printMembers(host, args.length === 0 ? openGroup(host) : toGroup(args.join(' '))),
  kick: async (host, people) => {
    if (people.length === 0) throw usageFailure('/group kick WHO');
    for (const name of people) {
      await host.client.request('kick', { group: openGroup(host), user: toPerson(name), clientId: createClientId() });
    }
  },
  role: async (host, [name, role]) => {
    if (name === undefined || (role !== 'admin' && role !== 'member'))
      throw usageFailure('/group role WHO admin|member');
    const [group, user] = [openGroup(host), toPerson(name)];
    await host.client.request('role', { group, user, role, clientId: createClientId() });
  },
};

function openGroup(host: CommandHost): string {
  const conversation = host.state().open?.conversation;
  if (conversation?.startsWith('g') !== true) throw usageFailure('No group is open. /goto #NAME opens one.');
  return conversation;
}

function words(text: string): string[] {
  return text.split(/\s+/).filter(Boolean);
}
