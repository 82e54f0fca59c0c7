import type { UserRef, WireEntry } from '@parley/protocol';
import { findPlace, type Place, toWhere } from '../addresses.ts';
import { type Context, connectWithSession, openLocalStore, tryOpenLocalStore } from '../context.ts';
import { DayLines } from '../day-lines.ts';
import { parseCount } from '../durations.ts';
import { entryObject, entryText, SHOWN_KINDS } from '../entries.ts';
import { EXIT } from '../exit-codes.ts';
import { failure, usageFailure } from '../failure.ts';
import { pagesBackward, pagesForward, type Range } from '../pages.ts';
import { chatAt } from '../state/chats.ts';
import { chatsOffline } from '../state/private-state.ts';

/** Prints what was said, oldest first. Marks nothing as read. */
export async function run(context: Context): Promise<number> {
  const [where, ...more] = context.line.args;
  if (where === undefined || more.length > 0) throw usageFailure('Of which chat? parley history WHERE');
  const range = readRange(context);
  const to = toWhere(where);
  if (context.line.flags['offline'] === true) return printKept(context, to, range);
  await using client = await connectWithSession(context);
  using store = tryOpenLocalStore(context);
  const place = await findPlace(client, to);
  const { conversation } = place;
  const pages =
    range.after === undefined
      ? await pagesBackward(client, conversation, range)
      : pagesForward(client, conversation, range);
  const days = new DayLines(Date.now());
  for await (const page of pages) {
    printPage(context, client.user, { place, page, days });
    store?.keep({ entries: page });
  }
  return EXIT.done;
}

/** What is kept on this machine; there may be holes in it. */
function printKept(context: Context, to: string, { before, after = 0, limit }: Range): number {
  using store = openLocalStore(context);
  const chat = chatAt(chatsOffline(store), to);
  if (chat === undefined) throw failure('notFound', 'no_such_conversation', `Nothing is kept of ${to}.`);
  const page = store.entries(chat.id, { before, limit }).filter(({ seq }) => seq > after);
  const place = { conversation: chat.id, label: chat.label };
  printPage(context, context.settings.session?.user, { place, page, days: new DayLines(Date.now()) });
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

function printPage(
  { output }: Context,
  me: UserRef | undefined,
  { place, page, days }: { place: Place; page: readonly WireEntry[]; days: DayLines },
): void {
  for (const entry of page) {
    if (!(SHOWN_KINDS as readonly string[]).includes(entry.kind)) continue;
    output.result(entryObject(entry, place.label, me), days.dated(entry.time, entryText(entry, me)));
  }
}
