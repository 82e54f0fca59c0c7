import { directBetween, isLongerThanNames, nameKey, parseAddress, parsePerson, type UserId } from '@parley/protocol';
import { BoundedCache } from './bounded-cache.ts';
import { ChatError } from './chat-error.ts';
import type { Conversation, ConversationId, GroupRecord, Store, UserRecord } from './ports/index.ts';

/** Addresses that are remembered; each costs about 200 bytes. */
const REMEMBERED = 20_000;

/** A user as others see one. */
export interface Person {
  readonly id: UserId;
  readonly name: string;
}

/** What the directory needs of the store. */
type DirectoryStore = Pick<
  Store,
  'findUser' | 'findUserByKey' | 'findGroup' | 'findGroupByKey' | 'findDirect' | 'openDirect' | 'findConversation'
>;

/**
 * Finds who and what an address means. It remembers what never changes (a name's owner, a conversation's parties),
 * never who is a member or blocked: that is judged where the entry is stored.
 */
export class Directory {
  readonly #store: DirectoryStore;
  readonly #onOpened: (users: readonly UserId[]) => void;
  #conversations = new BoundedCache<string, Conversation>(REMEMBERED);

  constructor(store: DirectoryStore, onOpened: (users: readonly UserId[]) => void) {
    this.#store = store;
    this.#onOpened = onOpened;
  }

  /** The conversation that `to` means for this user, if it was resolved before. Synchronous, for the hot path. */
  known(me: UserId, to: string): Conversation | undefined {
    return this.#conversations.get(`${me} ${to}`);
  }

  /**
   * Forgets what was remembered, and what is being looked up now. Call when an older copy of the database may have taken
   * over: it gives the numbers of what it lost again, to others.
   */
  forget(): void {
    this.#conversations = new BoundedCache(REMEMBERED);
  }

  /** The account that a person's address means, as it is now. */
  async account(who: string | number): Promise<UserRecord> {
    if (typeof who === 'string' && isLongerThanNames(who)) throw new ChatError('no_such_user');
    const address = parsePerson(who);
    if (address === undefined) throw new ChatError('bad_address');
    const user =
      address.kind === 'user'
        ? await this.#store.findUser(address.id)
        : await this.#store.findUserByKey(nameKey(address.name));
    if (user === undefined) throw new ChatError('no_such_user');
    return user;
  }

  /** A group by `#name`, `name` or `g7`. */
  async group(where: string): Promise<GroupRecord> {
    if (isLongerThanNames(where)) throw new ChatError('no_such_group');
    const address = parseAddress(where);
    if (address?.kind === 'direct' || address?.kind === 'user' || address?.kind === 'userName') {
      throw new ChatError('no_such_group');
    }
    const found =
      address?.kind === 'group'
        ? await this.#store.findGroup(address.id)
        : await this.#store.findGroupByKey(nameKey(address === undefined ? where : address.name));
    if (found === undefined) throw new ChatError('no_such_group');
    return found;
  }

  /** The conversation that `to` means for this user. With `open`, two people's first one is made. */
  async conversation(me: UserId, to: string, { open }: { open: boolean }): Promise<Conversation | undefined> {
    const known = this.known(me, to);
    if (known !== undefined) return known;
    const memory = this.#conversations;
    const found = await this.#find(me, to, open);
    if (found !== undefined) memory.set(`${me} ${to}`, found);
    return found;
  }

  /** The same, where there must be one already. */
  async existing(me: UserId, to: string): Promise<Conversation> {
    const found = await this.conversation(me, to, { open: false });
    if (found === undefined) throw new ChatError('no_such_conversation');
    return found;
  }

  /** The conversation with this internal number. */
  byId(id: ConversationId): Promise<Conversation | undefined> {
    return this.#store.findConversation(id);
  }

  async #find(me: UserId, to: string, open: boolean): Promise<Conversation | undefined> {
    const address = parseAddress(to);
    switch (address?.kind) {
      case undefined:
        throw new ChatError('bad_address');
      case 'group':
      case 'groupName':
        return (await this.group(to)).conversation;
      case 'direct':
        if (me !== address.low && me !== address.high) throw new ChatError('no_such_conversation');
        return this.#direct(me, me === address.low ? address.high : address.low, open);
      case 'user':
      case 'userName':
        return this.#direct(me, (await this.account(to)).id, open);
    }
  }

  async #direct(me: UserId, peer: UserId, open: boolean): Promise<Conversation | undefined> {
    if (directBetween(me, peer) === undefined) throw new ChatError('not_yourself');
    const found = await this.#store.findDirect(me, peer);
    if (found !== undefined || !open) return found;
    const opened = await this.#store.openDirect(me, peer);
    if (typeof opened === 'string') throw new ChatError(opened);
    this.#onOpened([me, peer]);
    return opened;
  }
}
