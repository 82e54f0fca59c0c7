import type { HistoryReply, WireEntry } from '@parley/protocol';
import { insist } from '../load/insist.ts';
import type { NativeSession } from '../load/native-session.ts';

const PAGE = 500;

/** A page of a conversation as a session's user may see it. */
export interface HistoryPage {
  readonly entries: readonly WireEntry[];
  readonly isLast: boolean;
}

/**
 * Reads a conversation from its beginning, page by page.
 * @throws Error when a page does not go on where the one before ended: a server could make that endless
 */
export async function* readHistoryPages(session: NativeSession, conversation: string): AsyncGenerator<HistoryPage> {
  let after = 0;
  for (let isLast = false; !isLast; ) {
    const reply = (await insist(session, 'history', { conversation, after, limit: PAGE })) as HistoryReply;
    isLast = !reply.more || reply.entries.length === 0;
    const last = reply.entries.at(-1)?.seq ?? after;
    if (!isLast && !(last > after)) throw new Error(`the history of ${conversation} does not go on after ${after}`);
    after = last;
    yield { entries: reply.entries, isLast };
  }
}
