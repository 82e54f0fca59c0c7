import type { ChatClient } from '@parley/client';
import type { FriendsReply, MembersReply } from '@parley/protocol';
import { ago } from './entries.ts';

/** A contact with presence. */
export type ContactRow = FriendsReply['contacts'][number];

/** All contacts, page by page. */
export async function* contacts(client: ChatClient): AsyncGenerator<ContactRow> {
  let after: number | undefined;
  for (;;) {
    const reply: FriendsReply = await client.request('friends', after === undefined ? {} : { after });
    yield* reply.contacts;
    after = reply.contacts.at(-1)?.user.id;
    if (!reply.more || after === undefined) return;
  }
}

/** All members of a group, page by page. */
export async function* membersOf(client: ChatClient, group: string): AsyncGenerator<MembersReply['members'][number]> {
  let after: number | undefined;
  for (;;) {
    const reply: MembersReply = await client.request('members', after === undefined ? { group } : { group, after });
    yield* reply.members;
    after = reply.members.at(-1)?.user.id;
    if (!reply.more || after === undefined) return;
  }
}

/** What someone is to this account. */
export type Relation = 'friend' | 'asked' | 'request' | 'blocked' | 'none';

/** A block hides all else. `asked`: they have not added this account yet; `request`: it has not added them. */
export function relationOf({ added, addedMe, blocked }: Pick<ContactRow, 'added' | 'addedMe' | 'blocked'>): Relation {
  if (blocked) return 'blocked';
  if (added) return addedMe ? 'friend' : 'asked';
  return addedMe ? 'request' : 'none';
}

/** `online`, or when they were seen. */
export function presence({ online, lastSeenAt }: Pick<ContactRow, 'online' | 'lastSeenAt'>): string {
  if (online) return 'online';
  return lastSeenAt === null ? 'offline' : `seen ${ago(lastSeenAt, Date.now())}`;
}
