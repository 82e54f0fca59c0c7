import { fitEntries, wireEntry } from '../../frames.ts';
import type { Handler } from '../caller.ts';

/**
 * Oldest first, as many as fit into a frame. What did not fit is left out at the end that is read last, and counts as
 * `more`. [VIS-1] @throws ChatError no_such_conversation
 */
export const history: Handler<'history'> = async ({ conversation, before, after, limit }, { me, deps }) => {
  const page = await deps.chat.history.page(me.user, conversation, { before, after, limit });
  const entries = page.entries.map((entry) => wireEntry(entry, page.conversation));
  const fitting = fitEntries(entries, { fromEnd: after === undefined });
  return { entries: fitting, more: page.more || fitting.length < entries.length };
};
