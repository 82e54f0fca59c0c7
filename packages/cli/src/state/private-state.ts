import type { ChatClient } from '@parley/client';
import { type Chats, NO_CHATS, withEntry, withState } from './chats.ts';

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
