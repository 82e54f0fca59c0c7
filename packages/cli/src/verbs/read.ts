import type { ChatClient } from '@parley/client';
import { findPlace, toWhere } from '../addresses.ts';
import { type Context, connectWithSession, tryOpenLocalStore } from '../context.ts';
import { safe } from '../entries.ts';
import { EXIT } from '../exit-codes.ts';
import { failure, usageFailure } from '../failure.ts';
import { type Chat, unreadIn } from '../state/chats.ts';
import { readChats } from '../state/private-state.ts';
import { forEach } from './each.ts';

/** Marks chats as read to their ends. */
export async function run(context: Context): Promise<number> {
  const { line } = context;
  const isAll = line.flags['all'] === true;
  if (isAll === line.args.length > 0) throw usageFailure('parley read WHERE… or parley read --all');
  const places = line.args.map(toWhere);
  await using client = await connectWithSession(context);
  using store = tryOpenLocalStore(context);
  const chats = await readChats(client, store);
  if (!isAll) return await forEach(context, places, async (place) => await markOne(context, client, { place, chats }));
  for (const chat of chats) if (unreadIn(chat) > 0) await mark(context, client, chat);
  return EXIT.done;
}

async function markOne(
  context: Context,
  client: ChatClient,
  { place, chats }: { place: string; chats: readonly Chat[] },
): Promise<void> {
  const { conversation } = await findPlace(client, place);
  const chat = chats.find(({ id }) => id === conversation);
  if (chat === undefined) throw failure('notFound', 'no_such_conversation', `There is no chat ${place}.`);
  await mark(context, client, chat);
}

async function mark({ output }: Context, client: ChatClient, chat: Chat): Promise<void> {
  const { id, label, seq } = chat;
  await client.request('read', { conversation: id, seq });
  output.report({ type: 'read', chat: label, chat_id: id, seq }, `${safe(label)}: read up to ${seq}.`);
}
