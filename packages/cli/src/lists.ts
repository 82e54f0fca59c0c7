import type { ChatClient } from '@parley/client';
import type { FriendsReply, MembersReply, UserRef } from '@parley/protocol';
import { ago } from './entries.ts';

/** A contact with presence. */
export type ContactRow = FriendsReply['contacts'][number];

/** All contacts, page by page. */
export async function* contacts(client: ChatClient): AsyncGenerator<ContactRow> {
  yield* allRows(async (from) => {
    const { contacts: rows, more }: FriendsReply = await client.request('friends', from);
    return { rows, more };
  });
}

/** All members of a group, page by page. */
export async function* membersOf(client: ChatClient, group: string): AsyncGenerator<MembersReply['members'][number]> {
  yield* allRows(async (from) => {
    const { members: rows, more }: MembersReply = await client.request('members', { group, ...from });
    return { rows, more };
  });
}

/** Rows by rising number of the user. Ends also when the server says `more` and has nothing new. */
async function* allRows<R extends { readonly user: UserRef }>(
  read: (from: { after?: number }) => Promise<{ readonly rows: readonly R[]; readonly more: boolean }>,
): AsyncGenerator<R> {
  let after = 0;
  for (;;) {
    const { rows, more } = await read(after === 0 ? {} : { after });
    const fresh = rows.filter(({ user }) => user.id > after);
    yield* fresh;
    if (!more || fresh.length === 0) return;
    after = fresh.at(-1)?.user.id ?? after;
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
