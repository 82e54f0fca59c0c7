import { type Context, connectWithSession, openLocalStore, tryOpenLocalStore } from '../context.ts';
import type { Chat } from '../state/chats.ts';
import { chatsOffline, readChats } from '../state/private-state.ts';

/** The account's chats: as the server has them, or with --offline as they were kept last. */
export async function loadChats(context: Context): Promise<Chat[]> {
  if (context.line.flags['offline'] === true) {
    using store = openLocalStore(context);
    return chatsOffline(store);
  }
  await using client = await connectWithSession(context);
  using store = tryOpenLocalStore(context);
  return await readChats(client, store);
}
