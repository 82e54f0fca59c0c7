import type { ClassicFriend, ClassicGroup, ClassicLoginContent, UserId } from '@parley/protocol';
import type { Identity } from '../../chat/accounts.ts';
import type { StateRow } from '../../chat/ports/index.ts';
import type { SessionDeps } from '../session-deps.ts';

/** Groups whose members are looked up for the answer; more do not fit into it by far. */
const GROUPS_WITH_MEMBERS = 10;

/** What an unmodified client's log-in answer tells, from the account's private state. */
export async function loginContent(
  me: Identity,
  rows: readonly StateRow[],
  deps: SessionDeps,
): Promise<Omit<ClassicLoginContent, 'backlog'>> {
  const { presence } = deps.chat;
  const friends: ClassicFriend[] = [];
  const groups: ClassicGroup[] = [];
  for (const row of rows) {
    if (row.row === 'contact') {
      const { user, name, added, blocked } = row.contact;
      if (added && !blocked) friends.push({ id: user, name, state: stateOf(presence.isOnline(user)) });
    } else if (row.conversation.kind === 'group' && !row.left) {
      const { group } = row.conversation;
      const users = groups.length < GROUPS_WITH_MEMBERS ? await members(me.user, row.conversation.address, deps) : [];
      groups.push({ id: group, name: row.name, description: row.description, users });
    }
  }
  return { user: { id: me.user, name: me.name }, friends, groups };
}

async function members(me: UserId, group: string, deps: SessionDeps): Promise<ClassicGroup['users']> {
  const page = await deps.chat.groups.members(me, group, 0);
  return page.members.map(({ user, role, online }) => {
    return {
      id: user.id as UserId,
      name: user.name,
      state: stateOf(online),
      role: role === 'owner' ? 'creator' : 'normal',
    };
  });
}

function stateOf(isOnline: boolean): 'online' | 'offline' {
  return isOnline ? 'online' : 'offline';
}
