import type { ChatClient } from '@parley/client';
import { LIMITS, type WireEntry } from '@parley/protocol';

/** What of a chat is wanted. */
export interface Range {
  readonly before: number | undefined;
  readonly after: number | undefined;
  /** At most so many entries. */
  readonly limit: number;
}

/** Pages above `after`, oldest first, as they are read. Ends also when the server says `more` and has nothing new. */
export async function* pagesForward(
  client: ChatClient,
  conversation: string,
  range: Omit<Range, 'before'>,
): AsyncGenerator<readonly WireEntry[]> {
  let after = range.after ?? 0;
  for (let left = range.limit; left > 0; ) {
    const limit = Math.min(left, LIMITS.historyEntries);
    const page = await client.request('history', { conversation, after, limit });
    const entries = page.entries.filter(({ seq }) => seq > after);
    yield entries;
    left -= entries.length;
    after = entries.at(-1)?.seq ?? after;
    if (!page.more || entries.length === 0) return;
  }
}

/** The newest pages below `before`, oldest first; read from the end, so they are kept until the first is here. */
export async function pagesBackward(
  client: ChatClient,
  conversation: string,
  range: Omit<Range, 'after'>,
): Promise<(readonly WireEntry[])[]> {
  const pages: (readonly WireEntry[])[] = [];
  let { before } = range;
  for (let left = range.limit; left > 0; ) {
    const limit = Math.min(left, LIMITS.historyEntries);
    const below = before === undefined ? {} : { before };
    const page = await client.request('history', { conversation, ...below, limit });
    const entries = page.entries.filter(({ seq }) => seq < (before ?? Number.POSITIVE_INFINITY));
    pages.unshift(entries);
    left -= entries.length;
    before = entries[0]?.seq ?? before;
    if (!page.more || entries.length === 0) break;
  }
  return pages;
}
