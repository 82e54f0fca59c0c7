import type { ClassicFriend, ClassicGroup, ClassicLoginContent, MembersReply, UserId } from '@parley/protocol';
import type { Identity } from '../../chat/accounts.ts';
import { ChatError } from '../../chat/chat-error.ts';
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
  const groups: ClassicGroup[] = [];
  for (const row of rows) {
    if (row.row !== 'conversation' || row.conversation.kind !== 'group' || row.left) continue;
    const { group } = row.conversation;
    const users = groups.length < GROUPS_WITH_MEMBERS ? await members(me.user, row.conversation.address, deps) : [];
    groups.push({ id: group, name: row.name, description: row.description, users });
  }
  return { user: { id: me.user, name: me.name }, friends: await friends(me.user, deps), groups };
}

/** Those whom the user has added and not blocked, with the presence that the user may see. */
async function friends(me: UserId, deps: SessionDeps): Promise<ClassicFriend[]> {
  const found: ClassicFriend[] = [];
  for (let after = 0, more = true; more; ) {
    const page = await deps.chat.contacts.list(me, after);
    for (const { user, added, blocked, online } of page.contacts) {
      if (added && !blocked) found.push({ id: user.id as UserId, name: user.name, state: stateOf(online) });
    }
    after = page.contacts.at(-1)?.user.id ?? 0;
    ({ more } = page);
  }
  return found;
}

/** None of a group that the user has left since the rows were read. */
async function members(me: UserId, group: string, deps: SessionDeps): Promise<ClassicGroup['users']> {
  const page = await deps.chat.groups.members(me, group, 0).catch(noneOfLeft);
  return page.members.map(({ user, role, online }) => {
    return {
      id: user.id as UserId,
      name: user.name,
      state: stateOf(online),
      role: role === 'owner' ? 'creator' : 'normal',
    };
  });
}

function noneOfLeft(error: unknown): MembersReply {
  if (error instanceof ChatError) return { members: [], more: false };
  throw error;
}

function stateOf(isOnline: boolean): 'online' | 'offline' {
  return isOnline ? 'online' : 'offline';
}
