import type { ChatClient } from '@parley/client';
import type { WireEntry } from '@parley/protocol';
import { findPlace, type Place, toWhere } from '../addresses.ts';
import { type Context, connectWithSession } from '../context.ts';
import { parseCount } from '../durations.ts';
import { entryObject, entryText, SHOWN_KINDS } from '../entries.ts';
import { EXIT } from '../exit-codes.ts';
import { usageFailure } from '../failure.ts';
import { pagesBackward, pagesForward, type Range } from '../pages.ts';

/** Prints what was said, oldest first. Marks nothing as read. */
export async function run(context: Context): Promise<number> {
  const [where, ...more] = context.line.args;
  if (where === undefined || more.length > 0) throw usageFailure('Of which chat? parley history WHERE');
  const range = readRange(context);
  const to = toWhere(where);
  await using client = await connectWithSession(context);
  const place = await findPlace(client, to);
  const { conversation } = place;
  const pages =
    range.after === undefined
      ? await pagesBackward(client, conversation, range)
      : pagesForward(client, conversation, range);
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
