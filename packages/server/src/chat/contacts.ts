import type { FriendsReply, UserId } from '@parley/protocol';
import { LIMITS } from '@parley/protocol';
import { ChatError } from './chat-error.ts';
import type { Directory, Person } from './directory.ts';
import type { EdgeChange, Store } from './ports/index.ts';
import type { Presence } from './presence.ts';

/** A contact with presence, as the wire has it. */
export type ListedContact = FriendsReply['contacts'][number];

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
    return { id: peer.id, name: peer.name };
  }

  /** One page by user id. Who is not a friend of mine, or blocked, shows no presence. */
  async list(me: UserId, after: number): Promise<{ contacts: ListedContact[]; more: boolean }> {
    const found = await this.#store.listContacts(me, after, LIMITS.listRows);
    const contacts = found.map(({ user, name, lastSeenAt, added, addedMe, blocked }): ListedContact => {
      const isShown = added && !blocked;
      return {
        user: { id: user, name },
        added,
        addedMe,
        blocked,
        online: isShown && this.#presence.isOnline(user),
        lastSeenAt: isShown ? lastSeenAt : null,
      };
    });
    return { contacts, more: found.length === LIMITS.listRows };
  }
}
