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

/**
 * The account's chats as they are now, those with something unread first; ends with that. All of them are asked for:
 * a chat's end moves without a change of the private state that was kept.
 */
export async function readChats(client: ChatClient, store: LocalStore | undefined): Promise<Chat[]> {
  const states: StateEvent[] = [];
  client.on('state', (event) => states.push(event));
  await Promise.all([client.waitFor('synced'), client.sync({ default: { mode: 'lazy', last: 0 } })]);
  store?.keep({ states });
  return sorted(states.reduce(withState, NO_CHATS));
}

/** The account's chats as they were when they were kept last. */
export function chatsOffline(store: LocalStore): Chat[] {
  return sorted(keptChats(store));
}

/**
 * What is known of what was kept: the private state as if it came now, and where the entries kept end. A chat's end
 * moves without a change of the private state, so what came and was not read would be new to nobody.
 */
export function keptChats(store: LocalStore | undefined): Chats {
  const kept = store?.state();
  if (store === undefined || kept === undefined) return NO_CHATS;
  const known = withState(NO_CHATS, { ev: 'state', full: true, ...kept });
  const ends = [...known.chats.keys()].flatMap((id) => store.entries(id, { before: undefined, limit: 1 }));
  return ends.reduce(withEntry, known);
}

function sorted({ chats }: Chats): Chat[] {
  return sortChats([...chats.values()].filter((chat) => !chat.left));
}
