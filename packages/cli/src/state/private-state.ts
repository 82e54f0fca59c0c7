import type { ChatClient, LocalStore } from '@parley/client';
import type { StateEvent } from '@parley/protocol';
import { type Chat, type Chats, NO_CHATS, sortChats, withEntry, withState } from './chats.ts';

/** Follows a client's private state and entries; the returned function gives what is known now. */
export function followState(client: ChatClient): () => Chats {
  let known = NO_CHATS;
  client.on('state', (event) => {
    known = withState(known, event);
  });
  client.on('entry', (entry) => {
    known = withEntry(known, entry);
  });
  return () => known;
}

/** The account's chats as they are now, those with something unread first; ends with that. Only what changed comes. */
export async function readChats(client: ChatClient, store: LocalStore | undefined): Promise<Chat[]> {
  const kept = store?.state();
  const states: StateEvent[] = [];
  client.on('state', (event) => states.push(event));
  const known = kept === undefined ? {} : { state: { rev: kept.rev, tag: kept.tag } };
  await Promise.all([client.waitFor('synced'), client.sync({ default: { mode: 'lazy', last: 0 }, ...known })]);
  store?.keep({ states });
  return sorted(states.reduce(withState, keptChats(kept)));
}

/** The account's chats as they were when they were kept last. */
export function chatsOffline(store: LocalStore): Chat[] {
  return sorted(keptChats(store.state()));
}

/** Private state that was kept, as if it came now. */
export function keptChats(kept: ReturnType<LocalStore['state']>): Chats {
  return kept === undefined ? NO_CHATS : withState(NO_CHATS, { ev: 'state', full: true, ...kept });
}

function sorted({ chats }: Chats): Chat[] {
  return sortChats([...chats.values()].filter((chat) => !chat.left));
}
