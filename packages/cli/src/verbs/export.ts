import { closeSync, openSync, writeFileSync } from 'node:fs';
import { describeError } from '@parley/client';
import type { UserRef, WireEntry } from '@parley/protocol';
import { findPlace, toWhere } from '../addresses.ts';
import { type Context, connectWithSession } from '../context.ts';
import { localDay } from '../day-lines.ts';
import { entryObject, entryText, SHOWN_KINDS } from '../entries.ts';
import { EXIT } from '../exit-codes.ts';
import { failure, usageFailure } from '../failure.ts';
import { escaped } from '../output.ts';
import { pagesForward } from '../pages.ts';

/** How a whole chat is written down: a line, or what stands for one, of each entry. */
interface Format {
  readonly head: (chat: string) => string;
  readonly entry: (entry: WireEntry, chat: string, me: UserRef | undefined) => string;
  readonly foot: string;
}

const FORMATS: Readonly<Record<string, Format>> = {
  jsonl: {
    head: () => '',
    entry: (entry, chat, me) => `${escaped({ v: 1, ...entryObject(entry, chat, me) })}\n`,
    foot: '',
  },
  text: {
    head: () => '',
    entry: (entry, _chat, me) => `${localDay(entry.time)} ${entryText(entry, me)}\n`,
    foot: '',
  },
  html: {
    head: (chat) =>
      `<!doctype html>\n<html><head><meta charset="utf-8"><title>${html(chat)}</title></head><body><h1>${html(chat)}</h1>\n`,
    entry: (entry, _chat, me) =>
      `<p><time>${new Date(entry.time).toISOString()}</time> ${html(entryText(entry, me).slice(6)).replaceAll('\n', '<br>')}</p>\n`,
    foot: '</body></html>\n',
  },
};

/** Writes a whole chat to stdout or a file, which nobody else can read. Marks nothing as read. */
export async function run(context: Context): Promise<number> {
  const { line } = context;
  const [where, ...more] = line.args;
  const name = line.flags['format'] ?? 'jsonl';
  const format = typeof name === 'string' && Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
  if (where === undefined || more.length > 0) throw usageFailure('Which chat? parley export WHERE');
  if (format === undefined) throw usageFailure('--format is jsonl, text or html.');
  const to = toWhere(where);
  await using client = await connectWithSession(context);
  const { conversation, label } = await findPlace(client, to);
  using file = openTarget(context);
  await file.write(format.head(label));
  for await (const page of pagesForward(client, conversation, { after: 0, limit: Number.POSITIVE_INFINITY })) {
    const shown = page.filter(({ kind }) => (SHOWN_KINDS as readonly string[]).includes(kind));
    await file.write(shown.map((entry) => format.entry(entry, label, client.user)).join(''));
  }
  await file.write(format.foot);
  return EXIT.done;
}

interface Target extends Disposable {
  write(text: string): Promise<void>;
}

function openTarget({ line, output }: Context): Target {
  const file = line.flags['output'];
  if (typeof file !== 'string' || file === '-') {
    return { write: async (text) => await output.exact(text), [Symbol.dispose]: () => undefined };
  }
  try {
    const handle = openSync(file, 'wx', 0o600);
    return {
      write: async (text) => await Promise.resolve(append(handle, file, text)),
      [Symbol.dispose]: () => closeSync(handle),
    };
  } catch (error) {
    throw failure('failed', 'no_file', `Cannot make ${file}: ${describeError(error)}.`);
  }
}

/** All of it: a disk that is nearly full takes a part, and says nothing. */
function append(handle: number, file: string, text: string): void {
  try {
    writeFileSync(handle, text);
  } catch (error) {
    throw failure('failed', 'no_file', `Cannot write ${file}: ${describeError(error)}. It holds a part of the chat.`);
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function html(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
}
