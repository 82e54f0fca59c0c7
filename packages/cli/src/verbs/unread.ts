import type { Context } from '../context.ts';
import { safe } from '../entries.ts';
import { EXIT } from '../exit-codes.ts';
import { type Chat, unreadIn } from '../state/chats.ts';
import { padEnd } from '../text/width.ts';
import { loadChats } from './load-chats.ts';

/** Says what is unread: 0 when something is, 1 when nothing is. */
export async function run(context: Context): Promise<number> {
  const { output, line } = context;
  const chats = (await loadChats(context)).chats.filter((chat) => unreadIn(chat) > 0);
  const total = chats.reduce((sum, chat) => sum + unreadIn(chat), 0);
  if (line.flags['total'] === true) output.result({ type: 'unread', total, chats: chats.length }, String(total));
  else for (const chat of chats) output.result(toObject(chat), toLine(chat));
  return total > 0 ? EXIT.done : EXIT.failed;
}

function toObject(chat: Chat): { type: string; [field: string]: unknown } {
  return { type: 'unread', chat: chat.label, chat_id: chat.id, unread: unreadIn(chat) };
}

function toLine(chat: Chat): string {
  return `${padEnd(safe(chat.label), 24)} ${String(unreadIn(chat)).padStart(6)} unread`;
}
