import { checkClientId, checkName, LIMITS, type MembersReply, type UserId } from '@parley/protocol';
import { ChatError } from './chat-error.ts';
import type { Directory } from './directory.ts';
import type { GroupCreation, Store } from './ports/index.ts';
import type { Presence } from './presence.ts';
import { fingerprint } from './request-hash.ts';

type Created = Extract<GroupCreation, { cursor: unknown }>;

/** Groups apart from what goes through their logs (see sending.ts). */
export class Groups {
  readonly #store: Pick<Store, 'createGroup' | 'members' | 'membership' | 'listParted'>;
  readonly #directory: Directory;
  readonly #presence: Presence;
  readonly #onChanged: (users: readonly UserId[]) => void;

  constructor(deps: {
    store: Pick<Store, 'createGroup' | 'members' | 'membership' | 'listParted'>;
    directory: Directory;
    presence: Presence;
    onChanged: (users: readonly UserId[]) => void;
  }) {
    this.#store = deps.store;
    this.#directory = deps.directory;
    this.#presence = deps.presence;
    this.#onChanged = deps.onChanged;
  }

  /** Makes a group; a repeat of the client id returns the first one. [SEND-2] [SEND-3] */
  async create(group: { creator: UserId; name: string; description: string; clientId: string }): Promise<Created> {
    const name = checkName(group.name);
    if (!name.ok) throw new ChatError('bad_name', { hint: name.reason });
    const clientId = checkClientId(group.clientId);
    if (!clientId.ok) throw new ChatError('bad_client_id');
    if (!isDescription(group.description)) {
      throw new ChatError('bad_request', {
        hint: `description has at most ${LIMITS.descriptionCodePoints} characters, of well-formed Unicode without U+0000`,
      });
    }
    const hash = fingerprint(`create\0${group.name}\0${group.description}`);
    const creation = await this.#store.createGroup({ ...group, key: name.key, hash });
    if (!('cursor' in creation)) throw new ChatError(creation.state);
    if (creation.state === 'created') this.#onChanged([group.creator]);
    return creation;
  }

  /** One page of present members by user id; for members only. Who blocked me, or I, is shown as away. */
  async members(me: UserId, where: string, after: number): Promise<MembersReply> {
    const { conversation } = await this.#directory.group(where);
    const mine = await this.#store.membership(me, conversation.id);
    if (mine?.stays.at(-1)?.to !== null) throw new ChatError('not_member');
    const found = await this.#store.members(conversation.id, after, LIMITS.listRows);
    const hidden = new Set(await this.#store.listParted(me, after, found.at(-1)?.user ?? after));
    const members = found.map(({ user, name, role }) => {
      return { user: { id: user, name }, role, online: !hidden.has(user) && this.#presence.isOnline(user) };
    });
    return { members, more: found.length === LIMITS.listRows };
  }
}

function isDescription(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0') && Array.from(text).length <= LIMITS.descriptionCodePoints;
}
