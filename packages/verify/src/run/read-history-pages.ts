import type { HistoryReply, WireEntry } from '@parley/protocol';
import { insist } from '../load/insist.ts';
import type { NativeSession } from '../load/native-session.ts';

const PAGE = 500;

/** A page of a conversation as a session's user may see it. */
export interface HistoryPage {
  readonly entries: readonly WireEntry[];
  readonly isLast: boolean;
}

/** Reads a conversation from its beginning, page by page. */
export async function* readHistoryPages(session: NativeSession, conversation: string): AsyncGenerator<HistoryPage> {
  let after = 0;
  for (let isLast = false; !isLast; ) {
    const reply = (await insist(session, 'history', { conversation, after, limit: PAGE })) as HistoryReply;
    isLast = !reply.more || reply.entries.length === 0;
    after = reply.entries.at(-1)?.seq ?? after;
    yield { entries: reply.entries, isLast };
  }
}
