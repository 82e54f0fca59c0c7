import type { Context } from '../context.ts';
import { safe } from '../entries.ts';
import { EXIT } from '../exit-codes.ts';
import { type Chat, unreadIn } from '../state/chats.ts';
import { padEnd } from '../text/width.ts';
import { loadChats } from './load-chats.ts';

/** Lists the chats, those with something unread first. */
export async function run(context: Context): Promise<number> {
  const { chats, drafts } = await loadChats(context);
  if (chats.length === 0) context.output.note('No chats yet. parley send @NAME … begins one.');
  for (const chat of chats) {
    const draft = drafts.has(chat.id);
    context.output.result({ ...toObject(chat), draft }, `${toLine(chat)}${draft ? '  draft' : ''}`);
  }
  return EXIT.done;
}

function toObject(chat: Chat): { type: string; [field: string]: unknown } {
  const { id, label, role, seq, readSeq, description } = chat;
  const more = description === undefined ? {} : { description };
  return { type: 'chat', chat: label, chat_id: id, unread: unreadIn(chat), seq, read_seq: readSeq, role, ...more };
}

function toLine(chat: Chat): string {
  const unread = unreadIn(chat);
  return `${padEnd(safe(chat.label), 24)} ${String(unread === 0 ? '-' : unread).padStart(6)} unread  ${chat.id}`;
}
