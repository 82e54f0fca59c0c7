import type { ChatClient } from '@parley/client';
import { LIMITS, type WireEntry } from '@parley/protocol';
import { findPlace, type Place, toWhere } from '../addresses.ts';
import { type Context, connectWithSession } from '../context.ts';
import { parseCount } from '../durations.ts';
import { entryObject, entryText, SHOWN_KINDS } from '../entries.ts';
import { EXIT } from '../exit-codes.ts';
import { usageFailure } from '../failure.ts';

interface Range {
  readonly before: number | undefined;
  readonly after: number | undefined;
  /** At most so many entries. */
  readonly limit: number;
}

/** Prints what was said, oldest first. Marks nothing as read. */
export async function run(context: Context): Promise<number> {
  const [where, ...more] = context.line.args;
  if (where === undefined || more.length > 0) throw usageFailure('Of which chat? parley history WHERE');
  const range = readRange(context);
  const to = toWhere(where);
  await using client = await connectWithSession(context);
  const place = await findPlace(client, to);
  const pages = range.after === undefined ? await backwards(client, place, range) : forwards(client, place, range);
  for await (const page of pages) printPage(context, client, { place, page });
  return EXIT.done;
}

function readRange({ line }: Context): Range {
  const { before, after, lines, all } = line.flags;
  if (before !== undefined && after !== undefined) throw usageFailure('Either --before or --after, not both.');
  if (all !== undefined && lines !== undefined) throw usageFailure('Either -n or --all, not both.');
  const number = (value: string | true | undefined, flag: string): number | undefined =>
    typeof value === 'string' ? parseCount(value, flag) : undefined;
  return {
    before: number(before, '--before'),
    after: number(after, '--after'),
    limit: all === true ? Number.POSITIVE_INFINITY : (number(lines, '-n') ?? 50),
  };
}

/** Pages above `after`, as they are read. */
async function* forwards(client: ChatClient, place: Place, range: Range): AsyncGenerator<readonly WireEntry[]> {
  let after = range.after ?? 0;
  for (let left = range.limit; left > 0; ) {
    const limit = Math.min(left, LIMITS.historyEntries);
    const { entries, more } = await client.request('history', { conversation: place.conversation, after, limit });
    yield entries;
    left -= entries.length;
    after = entries.at(-1)?.seq ?? after;
    if (!more || entries.length === 0) return;
  }
}

/** The newest pages below `before`; read from the end, so they are kept until the first is here. */
async function backwards(client: ChatClient, place: Place, range: Range): Promise<(readonly WireEntry[])[]> {
  const pages: (readonly WireEntry[])[] = [];
  let { before } = range;
  for (let left = range.limit; left > 0; ) {
    const limit = Math.min(left, LIMITS.historyEntries);
    const below = before === undefined ? {} : { before };
    const { entries, more } = await client.request('history', { conversation: place.conversation, ...below, limit });
    pages.unshift(entries);
    left -= entries.length;
    before = entries[0]?.seq ?? before;
    if (!more || entries.length === 0) break;
  }
  return pages;
}

function printPage(
  { output }: Context,
  client: ChatClient,
  { place, page }: { place: Place; page: readonly WireEntry[] },
): void {
  for (const entry of page) {
    if (!(SHOWN_KINDS as readonly string[]).includes(entry.kind)) continue;
    output.result(entryObject(entry, place.label, client.user), entryText(entry, client.user));
  }
}
