import { fitEntries, wireEntry } from '../../frames.ts';
import type { Handler } from '../caller.ts';

export const history: Handler<'history'> = async ({ conversation, before, after, limit }, { me, deps }) => {
  const page = await deps.chat.history.page(me.user, conversation, { before, after, limit });
  const entries = page.entries.map((entry) => wireEntry(entry, page.conversation));
  const fitting = fitEntries(entries, { fromEnd: after === undefined });
  return { entries: fitting, more: page.more || fitting.length < entries.length };
};
