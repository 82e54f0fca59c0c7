import type { Tag, UserId } from '@parley/protocol';
import type { BusEvent, BusTopic } from '../../chat/ports/index.ts';
import { type BusCodec, encodeEntry } from './bus-message.ts';

/** One message, and the channel it goes to. */
export interface Addressed {
  readonly channel: string;
  readonly message: string;
}

type Entries = Extract<BusEvent, { kind: 'entries' }>;

interface EntriesGroup {
  readonly channel: string;
  readonly first: Entries;
  last: Entries;
  readonly rows: string[];
  bytes: number;
}

/** Bodies of one message, in bytes; those of a longer one are read from the store. */
const MAX_BODIES = 65_536;

/** What one turn of the event loop has to say, as few messages as possible: entries that follow each other become one. */
export class Outgoing {
  readonly #codec: BusCodec;
  readonly #channelOf: (topic: BusTopic) => string;
  readonly #open = new Map<number, EntriesGroup>();
  readonly #groups: (EntriesGroup | Addressed)[] = [];
  readonly #users = new Set<UserId>();

  constructor(codec: BusCodec, channelOf: (topic: BusTopic) => string) {
    this.#codec = codec;
    this.#channelOf = channelOf;
  }

  get isEmpty(): boolean {
    return this.#groups.length === 0;
  }

  add(event: BusEvent): void {
    if (event.kind === 'entries') this.#addEntries(event);
    else if (event.kind === 'users') event.users.forEach((user) => this.#addUser(user));
    else this.#addTo(event.user, this.#codec.revoked(event.user, event.devices));
  }

  /** @returns all that was added, and forgets it; of one conversation in the order in which it was added */
  take(): Addressed[] {
    this.#open.clear();
    this.#users.clear();
    return this.#groups.splice(0).map((group) => ('message' in group ? group : this.#encode(group)));
  }

  #addUser(user: UserId): void {
    if (this.#users.has(user)) return;
    this.#users.add(user);
    this.#addTo(user, this.#codec.user(user));
  }

  #addTo(user: UserId, message: string): void {
    this.#groups.push({ channel: this.#channelOf({ kind: 'user', id: user }), message });
  }

  #addEntries(event: Entries): void {
    const rows = event.entries.map(encodeEntry);
    const bytes = rows.reduce((sum, row) => sum + Buffer.byteLength(row), 0);
    const open = this.#open.get(event.conversation);
    if (open !== undefined && follows(open, event.prevTag, bytes)) {
      for (const row of rows) open.rows.push(row);
      open.bytes += bytes;
      open.last = event;
      return;
    }
    const isShort = bytes <= MAX_BODIES;
    const channel = this.#channelOf({ kind: 'conversation', id: event.conversation });
    const group = { channel, first: event, last: event, rows: isShort ? rows : [], bytes: isShort ? bytes : 0 };
    this.#groups.push(group);
    // What comes after bodies that are left out would stand in a message with a hole.
    if (rows.length > 0 && isShort) this.#open.set(event.conversation, group);
    else this.#open.delete(event.conversation);
  }

  #encode({ channel, first, last, rows }: EntriesGroup): Addressed {
    const { conversation, seq, tag } = last;
    return { channel, message: this.#codec.entries({ conversation, prevTag: first.prevTag, seq, tag }, rows) };
  }
}

function follows(open: EntriesGroup, prevTag: Tag, bytes: number): boolean {
  return bytes > 0 && open.last.tag === prevTag && open.bytes + bytes <= MAX_BODIES;
}
