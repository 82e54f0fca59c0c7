import type { ChatClient } from '@parley/client';
import type { SyncCursor, WireEntry } from '@parley/protocol';
import { findPlace, type Place, toWhere } from '../addresses.ts';
import { type Context, connectWithSession } from '../context.ts';
import { readCursorFile, writeCursorFile } from '../disk/cursor-file.ts';
import { EXIT } from '../exit-codes.ts';
import { pagesForward } from '../pages.ts';
import { followState } from '../state/private-state.ts';
import { readTailOptions, type TailOptions } from './tail-options.ts';
import { TailPrinter } from './tail-printer.ts';

/** How often positions are kept while something comes, in milliseconds. */
const SAVE_MS = 250;

/** Prints the last entries, and with --follow those to come. Marks nothing as read unless asked. */
export async function run(context: Context): Promise<number> {
  const options = readTailOptions(context.line);
  const addresses = context.line.args.map(toWhere);
  const stored = options.cursorFile === undefined ? [] : readCursorFile(options.cursorFile);
  await using client = await connectWithSession(context, { reconnect: options.follow });
  const places = await Promise.all(addresses.map(async (address) => await findPlace(client, address)));
  if (options.cursorFile !== undefined) writeCursorFile(options.cursorFile, stored);
  const printer = new TailPrinter(context, client, { options, places, state: followState(client) });
  printer.remember(stored);
  const end = await follow(context, client, { options, places, stored, printer });
  printer.end(end.reason);
  await keep(context, client, { options, printer });
  return end.exit;
}

interface Tail {
  readonly options: TailOptions;
  readonly places: readonly Place[];
  readonly stored: readonly SyncCursor[];
  readonly printer: TailPrinter;
}

interface End {
  readonly reason: string;
  readonly exit: number;
}

/** Prints until there is a reason to end. */
async function follow(context: Context, client: ChatClient, tail: Tail): Promise<End> {
  const { options, printer } = tail;
  const { promise, resolve, reject } = Promise.withResolvers<End>();
  const isShort = options.count !== undefined;
  const timer =
    options.forMs === undefined
      ? undefined
      : setTimeout(() => {
          resolve({ reason: 'for', exit: isShort ? EXIT.timeout : EXIT.done });
        }, options.forMs);
  const saver = setInterval(() => void keep(context, client, tail), SAVE_MS);
  context.signal.addEventListener('abort', () => resolve({ reason: 'signal', exit: exitOf(context.signal) }));
  client.on('status', (status) => {
    printer.status(status);
    if (status.state === 'offline' && status.reason !== 'closed') reject(status.error);
  });
  printer.onFull = () => resolve({ reason: 'count', exit: EXIT.done });
  begin(client, tail).then(() => {
    if (!options.follow) resolve({ reason: 'end', exit: isShort && !printer.isFull ? EXIT.timeout : EXIT.done });
  }, reject);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    clearInterval(saver);
    printer.stop();
  }
}

/** What is there already: from the cursor file, else the last entries. Then the rest by sync. */
async function begin(client: ChatClient, { options, places, stored, printer }: Tail): Promise<void> {
  const wanted = places.length === 0 ? stored : stored.filter(({ conversation }) => printer.shows(conversation));
  const cursors: SyncCursor[] = wanted.map((cursor) => ({ ...cursor, want: { mode: 'full' } }));
  for (const place of places) {
    if (wanted.some(({ conversation }) => conversation === place.conversation)) continue;
    const last = await printBeginning(client, place, { options, printer });
    if (last !== undefined) {
      const { conversation, seq, tag } = last;
      cursors.push({ conversation, seq, tag, want: { mode: 'full' } });
    }
  }
  if (!options.follow && places.length > 0 && wanted.length === 0) return;
  printer.follow(cursors);
  const synced = new Promise<void>((resolve) => {
    client.on('synced', resolve);
  });
  await client.sync({ default: { mode: 'lazy', last: places.length === 0 ? options.lines : 0 }, cursors });
  await synced;
}

/** Prints the last entries of a chat, or those after --since; returns the last one. */
async function printBeginning(
  client: ChatClient,
  { conversation }: Place,
  { options, printer }: Pick<Tail, 'options' | 'printer'>,
): Promise<WireEntry | undefined> {
  const { since, lines } = options;
  if (since === undefined) {
    // One entry is read even if none is to be shown: it tells where the chat ends.
    const { entries } = await client.request('history', { conversation, limit: Math.max(1, lines) });
    for (const entry of lines === 0 ? [] : entries) printer.entry(entry);
    return entries.at(-1);
  }
  let last: WireEntry | undefined;
  for await (const page of pagesForward(client, conversation, { after: since, limit: Number.POSITIVE_INFINITY })) {
    for (const entry of page) printer.entry(entry);
    last = page.at(-1) ?? last;
  }
  return last;
}

/** Keeps what was printed and has left the program: in the cursor file, and as read. */
async function keep(
  { output }: Context,
  client: ChatClient,
  { options, printer }: Pick<Tail, 'options' | 'printer'>,
): Promise<void> {
  const positions = printer.takePositions();
  if (positions === undefined) return;
  await output.flush();
  if (options.cursorFile !== undefined) writeCursorFile(options.cursorFile, positions);
  if (!options.markRead || client.status.state !== 'online') return;
  const reads = positions.map(async ({ conversation, seq }) => await client.request('read', { conversation, seq }));
  await Promise.allSettled(reads);
}

function exitOf(signal: AbortSignal): number {
  return (signal.reason as { exit?: number }).exit ?? EXIT.interrupted;
}
