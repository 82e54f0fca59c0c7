import { type Context, connectWithSession, openLocalStore, tryOpenLocalStore } from '../context.ts';
import type { Chat } from '../state/chats.ts';
import { chatsOffline, readChats } from '../state/private-state.ts';

/** The account's chats, and those of them for which something was typed and not sent. */
export interface LoadedChats {
  readonly chats: readonly Chat[];
  readonly drafts: ReadonlyMap<string, string>;
}

/** The chats as the server has them, or with --offline as they were kept last. */
export async function loadChats(context: Context): Promise<LoadedChats> {
  if (context.line.flags['offline'] === true) {
    using store = openLocalStore(context);
    return { chats: chatsOffline(store), drafts: store.drafts() };
  }
  await using client = await connectWithSession(context);
  using store = tryOpenLocalStore(context);
  return { chats: await readChats(client, store), drafts: store?.drafts() ?? new Map() };
}
