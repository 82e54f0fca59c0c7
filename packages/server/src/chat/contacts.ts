import type { FriendsReply, UserId, UserRef } from '@parley/protocol';
import { LIMITS } from '@parley/protocol';
import { ChatError } from './chat-error.ts';
import type { Directory, Person } from './directory.ts';
import type { EdgeChange, Store } from './ports/index.ts';
import type { Presence } from './presence.ts';

/** A contact with presence, as the wire has it. */
export type ListedContact = FriendsReply['contacts'][number];

/** A page of contacts. */
export interface ContactPage extends FriendsReply {
  readonly shown: readonly UserRef[];
}

/** Friends and blocks: directed edges. */
export class Contacts {
  readonly #store: Pick<Store, 'setEdge' | 'listContacts'>;
  readonly #directory: Directory;
  readonly #presence: Presence;
  readonly #onChanged: (users: readonly UserId[]) => void;

  constructor(deps: {
    store: Pick<Store, 'setEdge' | 'listContacts'>;
    directory: Directory;
    presence: Presence;
    onChanged: (users: readonly UserId[]) => void;
  }) {
    this.#store = deps.store;
    this.#directory = deps.directory;
    this.#presence = deps.presence;
    this.#onChanged = deps.onChanged;
  }

  /** Changes one's own edge to a person. @throws ChatError no_such_user, not_yourself, blocked */
  async change(me: UserId, who: string | number, change: EdgeChange): Promise<Person> {
    const peer = await this.#directory.account(who);
    if (peer.id === me) throw new ChatError('not_yourself');
    const changed = await this.#store.setEdge(me, peer.id, change);
    if (changed === 'blocked') throw new ChatError('blocked');
    if (changed) this.#onChanged([me, peer.id]);
    if (change.blocked === true || change.added === false) this.#presence.hide(peer.id, me);
    if (change.blocked === true) this.#presence.hide(me, peer.id);
    return { id: peer.id, name: peer.name };
  }

  /** One page by user id, and those of it whose presence I may see: friends of mine, unless one has blocked the other. */
  async list(me: UserId, after: number): Promise<ContactPage> {
    const found = await this.#store.listContacts(me, after, LIMITS.listRows);
    const isShown = found.map(({ added, blocked, blockedMe }) => added && !blocked && !blockedMe);
    const contacts = found.map(({ user, name, lastSeenAt, added, addedMe, blocked }, index): ListedContact => {
      const seen = isShown[index] === true;
      return {
        user: { id: user, name },
        added,
        addedMe,
        blocked,
        online: seen && this.#presence.isOnline(user),
        lastSeenAt: seen ? lastSeenAt : null,
      };
    });
    const shown = contacts.filter((_, index) => isShown[index]).map(({ user }) => user);
    return { contacts, more: found.length === LIMITS.listRows, shown };
  }
}
