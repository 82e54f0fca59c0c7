import type { ChatClient } from '@parley/client';
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

/** The account's chats as they are now, those with something unread first; ends with that. */
export async function readChats(client: ChatClient): Promise<Chat[]> {
  const state = followState(client);
  await Promise.all([client.waitFor('synced'), client.sync({ default: { mode: 'lazy', last: 0 } })]);
  return sortChats([...state().chats.values()].filter((chat) => !chat.left));
}
