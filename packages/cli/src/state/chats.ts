import { addressKey, type ConversationRow, type StateEvent, type UserRef, type WireEntry } from '@parley/protocol';

/** A conversation of the account's, as it is shown. */
export interface Chat {
  /** `g7` or `d17-42`. */
  readonly id: string;
  /** `#lunch` or `@bob`. */
  readonly label: string;
  readonly isGroup: boolean;
  readonly description: string | undefined;
  readonly peer: UserRef | undefined;
  readonly role: ConversationRow['role'];
  /** The account is no longer in it. */
  readonly left: boolean;
  readonly seq: number;
  readonly ord: number;
  readonly readSeq: number;
  readonly readOrd: number;
}

/** A person whom the account has added, or who has added it, or who is blocked. */
export interface Contact {
  readonly user: UserRef;
  readonly added: boolean;
  readonly addedMe: boolean;
  readonly blocked: boolean;
}

/** The account's private state and where its conversations stand. */
export interface Chats {
  readonly chats: ReadonlyMap<string, Chat>;
  readonly contacts: ReadonlyMap<number, Contact>;
}

export const NO_CHATS: Chats = { chats: new Map(), contacts: new Map() };

/** Rows of private state came. Kinds of rows that we do not know are skipped. */
export function withState(known: Chats, event: StateEvent): Chats {
  const chats = new Map(event.full === true ? [] : known.chats);
  const contacts = new Map(event.full === true ? [] : known.contacts);
  for (const row of event.rows) {
    if (row.row === 'conversation') chats.set(row.conversation, toChat(row, chats.get(row.conversation)));
    else if (row.row === 'contact' && row.removed === true) contacts.delete(row.user.id);
    else if (row.row === 'contact') contacts.set(row.user.id, row);
  }
  return { chats, contacts };
}

/** An entry came: the conversation's end moves. */
export function withEntry(known: Chats, entry: WireEntry): Chats {
  const chat = known.chats.get(entry.conversation);
  if (chat === undefined || entry.seq <= chat.seq) return known;
  const chats = new Map(known.chats);
  chats.set(chat.id, { ...chat, seq: entry.seq, ord: entry.ord });
  return { ...known, chats };
}

/** The account has read a conversation up to an entry; positions only move forward. */
export function withRead(known: Chats, id: string, position: { readonly seq: number; readonly ord: number }): Chats {
  const chat = known.chats.get(id);
  if (chat === undefined || position.seq <= chat.readSeq) return known;
  const chats = new Map(known.chats);
  chats.set(id, { ...chat, readSeq: position.seq, readOrd: Math.max(chat.readOrd, position.ord) });
  return { ...known, chats };
}

/** Messages after the one read last; joins, kicks and the like do not count. */
export function unreadIn({ ord, readOrd }: Pick<Chat, 'ord' | 'readOrd'>): number {
  return Math.max(0, ord - readOrd);
}

/** The chat that an address means, as far as it is known: `@bob`, `u42`, `#lunch`, `g7`. */
export function chatAt(chats: Iterable<Chat>, where: string): Chat | undefined {
  const key = addressKey(where);
  return [...chats].find(({ id, label, peer, left }) => !left && [id, addressKey(label), `u${peer?.id}`].includes(key));
}

/** What a conversation is called; its address while nothing is known about it. */
export function labelOf(known: Chats, id: string): string {
  return known.chats.get(id)?.label ?? id;
}

/** The same for an address that was written to: `u42` is a person who may be known. */
export function placeLabel(known: Chats, to: string): string {
  const id = /^u(\d+)$/.exec(to)?.[1];
  if (id === undefined) return labelOf(known, to);
  const people = [...known.contacts.values()].map(({ user }) => user);
  const person = [...[...known.chats.values()].map(({ peer }) => peer), ...people].find(
    (peer) => peer?.id === Number(id),
  );
  return person === undefined ? to : `@${person.name}`;
}

/** Unread first, people before groups among those, then by name. */
export function sortChats(chats: readonly Chat[]): Chat[] {
  const rank = (chat: Chat): number => (unreadIn(chat) === 0 ? 2 : chat.isGroup ? 1 : 0);
  return chats.toSorted((a, b) => rank(a) - rank(b) || a.label.localeCompare(b.label, 'en'));
}

/** A row may be older than an entry that came on another way: the end never moves back. */
function toChat(row: ConversationRow, known: Chat | undefined): Chat {
  const isGroup = row.conversation.startsWith('g');
  return {
    id: row.conversation,
    label: `${isGroup ? '#' : '@'}${row.name}`,
    isGroup,
    description: row.description,
    peer: row.peer,
    role: row.role,
    left: row.left === true,
    seq: Math.max(row.seq, known?.seq ?? 0),
    ord: Math.max(row.ord, known?.ord ?? 0),
    readSeq: Math.max(row.readSeq, known?.readSeq ?? 0),
    readOrd: Math.max(row.readOrd, known?.readOrd ?? 0),
  };
}
