import { LIMITS, type Ord, type Seq, type Tag, type UserId } from '@parley/protocol';
import type { BusEvent, ConversationId, DeviceId, Entry, EntryKind } from '../../chat/ports/index.ts';

// What nodes say to each other: a digit for the version, and a JSON array that begins with who says it. Whoever does not
// know the version ignores the message; the journal makes up for it. Change the version with the order of the fields.

/** Tells formats apart while nodes of two releases run. */
export const BUS_VERSION = '1';

/** What was read: an event, or why there is none. */
export type Decoded = BusEvent | 'own' | 'other version' | 'garbage';

/** Longer than any message that we write, in UTF-16 units. */
const MAX_MESSAGE = 262_144;
const MAX_ITEMS = 10_000;
const MAX_NAME = 256;
const MAX_TAG = 0xffff_ffff;

/** Reads and writes what one node says. */
export class BusCodec {
  /** Every message of this node begins so. */
  readonly #own: string;

  constructor(node: string) {
    this.#own = `${BUS_VERSION}[${JSON.stringify(node)},`;
  }

  /** `entries` as `encodeEntry` gave them. */
  entries(event: EntriesEnd, entries: readonly string[]): string {
    const { conversation, prevTag, seq, tag } = event;
    return `${this.#own}"e",${conversation},${prevTag},${seq},${tag},[${entries.join(',')}]]`;
  }

  user(user: UserId): string {
    return `${this.#own}"u",${user}]`;
  }

  revoked(user: UserId, devices: readonly DeviceId[]): string {
    return `${this.#own}"r",${user},${JSON.stringify(devices)}]`;
  }

  /** Never throws, whatever somebody put on the channel. */
  decode(message: string): Decoded {
    if (message.startsWith(this.#own)) return 'own';
    if (!message.startsWith(BUS_VERSION)) return 'other version';
    const fields = parseArray(message);
    if (typeof fields?.[0] !== 'string') return 'garbage';
    return toEvent(fields.slice(1)) ?? 'garbage';
  }
}

type EntriesEnd = Omit<Extract<BusEvent, { kind: 'entries' }>, 'kind' | 'entries'>;

/** One entry, without its conversation. */
export function encodeEntry(entry: Entry): string {
  const { seq, ord, tag, kind, author, authorName, clientId, time, text, target, targetName, role } = entry;
  return JSON.stringify([seq, ord, tag, kind, author, authorName, clientId, time, text, target, targetName, role]);
}

/** @returns the array that follows the version's digit */
export function parseArray(message: string): unknown[] | undefined {
  if (message.length > MAX_MESSAGE) return undefined;
  try {
    const value: unknown = JSON.parse(message.slice(BUS_VERSION.length));
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function toEvent([kind, ...fields]: unknown[]): BusEvent | undefined {
  if (kind === 'e') return toEntries(fields);
  const [user, devices] = fields;
  if (!isId(user)) return undefined;
  if (kind === 'u') return { kind: 'users', users: [user as UserId] };
  return kind === 'r' && isIds(devices)
    ? { kind: 'revoked', user: user as UserId, devices: devices as DeviceId[] }
    : undefined;
}

function toEntries([conversation, prevTag, seq, tag, rows]: unknown[]): BusEvent | undefined {
  if (!(isId(conversation) && isTag(prevTag) && isId(seq) && isTag(tag) && isList(rows))) return undefined;
  const entries: Entry[] = [];
  for (const row of rows) {
    const entry = toEntry(conversation as ConversationId, row);
    if (entry === undefined) return undefined;
    entries.push(entry);
  }
  if (!isChain(entries, seq, tag)) return undefined;
  const end = { prevTag: prevTag as Tag, seq: seq as Seq, tag: tag as Tag };
  return { kind: 'entries', conversation: conversation as ConversationId, entries, ...end };
}

/** Numbers follow each other, and the last entry is the end that is told. */
function isChain(entries: readonly Entry[], seq: number, tag: number): boolean {
  const last = entries.at(-1);
  if (last === undefined) return true;
  return last.tag === tag && entries.every((entry, index) => entry.seq === seq - entries.length + 1 + index);
}

function toEntry(conversation: ConversationId, row: unknown): Entry | undefined {
  if (!Array.isArray(row)) return undefined;
  const [seq, ord, tag, kind, author, authorName, clientId, time, text, target, targetName, role] = row as unknown[];
  const isRight =
    isId(seq) &&
    isId(ord) &&
    isTag(tag) &&
    isId(author) &&
    isId(time) &&
    isOrNull(isId, target) &&
    isName(kind) &&
    isName(authorName) &&
    isName(clientId) &&
    isOrNull(isText, text) &&
    isOrNull(isName, targetName) &&
    isOrNull(isName, role);
  if (!isRight) return undefined;
  return {
    conversation,
    seq: seq as Seq,
    ord: ord as Ord,
    tag: tag as Tag,
    kind: kind as EntryKind,
    author: author as UserId,
    authorName,
    clientId,
    time,
    text,
    target: target as UserId | null,
    targetName,
    role: role as Entry['role'],
  };
}

/** An id, a seq, a time: whole, not negative, exact. */
export function isId(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Not more of them than any message of ours has. */
export function isIds(value: unknown): value is number[] {
  return isList(value) && value.every(isId);
}

function isTag(value: unknown): value is number {
  return isId(value) && value <= MAX_TAG;
}

function isList(value: unknown): value is unknown[] {
  return Array.isArray(value) && value.length <= MAX_ITEMS;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_NAME;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= LIMITS.textBytes;
}

function isOrNull<T>(is: (value: unknown) => value is T, value: unknown): value is T | null {
  return value === null || is(value);
}
