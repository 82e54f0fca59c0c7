import { Readable } from 'node:stream';
import type { ChatClient, Outbox, Sent } from '@parley/client';
import { checkClientId, checkText, createClientId, LIMITS } from '@parley/protocol';
import { toWhere } from '../addresses.ts';
import type { CommandLine } from '../argv.ts';
import {
  type Context,
  connectWithSession,
  openOutbox,
  sessionToken,
  startWithSession,
  tryOpenOutbox,
} from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { type Failure, failure, toFailure, usageFailure } from '../failure.ts';
import { decodeUtf8, readLines } from '../stdin-lines.ts';
import { OutboxSends } from './outbox-sends.ts';
import { readFile } from './read-file.ts';

/** A text with its client id. */
export interface Message {
  readonly clientId: string;
  readonly text: string;
}

/** Messages that may be under way at once with --lines. */
const WINDOW = 64;

/** Most messages of one run: they are held in memory, and what has no end must not be. */
const MOST_MESSAGES = 100_000;
/** What is read of a text before it is too long for certain: up to there its length is told. */
const MOST_BYTES = 1_048_576;

/** After these it is no use to go on: time has run out. */
const IN_VAIN: readonly number[] = [EXIT.unreachable, EXIT.queued, EXIT.slowDown];

/** Sends one message, or one for each line, in order. */
export async function run(context: Context): Promise<number> {
  const { line, output } = context;
  const [first, ...words] = line.args;
  if (first === undefined) throw usageFailure('To whom? parley send WHERE [TEXT…]');
  const wait = line.flags['wait'] ?? 'sent';
  if (wait !== 'sent' && wait !== 'none') throw usageFailure(`--wait is sent or none, not ${wait}.`);
  const to = toWhere(first);
  const messages = await readMessages(context, words);
  sessionToken(context);
  if (line.flags['dry-run'] === true) {
    output.report({ type: 'dry_run', chat: to, messages: messages.length }, `Would send ${messages.length} to ${to}.`);
    return EXIT.done;
  }
  const batch = { to, messages, isQueued: line.flags['queue'] === true };
  if (wait === 'none') return await sendOnly(context, batch);
  await using client = startWithSession(context);
  context.signal.addEventListener('abort', () => void client.close(), { once: true });
  using outbox = batch.isQueued ? openOutbox(context, client) : tryOpenOutbox(context, client);
  return await sendAll(context, sendsBy(context, client, outbox), batch);
}

/** Checked before anything is sent, so that a text that is too long leaves nothing half done. Throws a Failure (2). */
async function readMessages(context: Context, words: readonly string[]): Promise<Message[]> {
  const { line, signal } = context;
  const input = inputOf(context, words);
  if (line.flags['lines'] !== true) return [toMessage(line, await readText(input))];
  const messages: Message[] = [];
  let lineNumber = 0;
  for await (const text of readLines(input, signal)) {
    lineNumber += 1;
    if (text === undefined) throw usageFailure(`The text is not UTF-8 (line ${lineNumber}).`);
    if (text.trim() === '') continue;
    if (messages.length === MOST_MESSAGES) throw usageFailure(`--lines sends ${MOST_MESSAGES} messages at most.`);
    messages.push(toMessage(line, text, { lineNumber, index: messages.length }));
  }
  return messages;
}

/** Where the text comes from: the arguments, a file, or stdin. */
function inputOf({ line, stdin, settings, signal }: Context, words: readonly string[]): AsyncIterable<Uint8Array> {
  const { file } = line.flags;
  if (words.length > 0 && file !== undefined) throw usageFailure('Either TEXT or --file, not both.');
  if (words.length > 0) return Readable.from([Buffer.from(words.join(' '))]);
  if (stdin.isTTY && settings.noInput && typeof file !== 'string') throw usageFailure('There is no TEXT.');
  return typeof file === 'string' && file !== '-' ? readFile(file, signal) : stdin;
}

/** All of it as one text; no more is read than can be one. */
async function readText(input: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of input) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MOST_BYTES) {
      throw failure(
        'usage',
        'text_too_long',
        `Not sent: more than ${MOST_BYTES} bytes, the limit is ${LIMITS.textBytes}.`,
      );
    }
  }
  const text = decodeUtf8(Buffer.concat(chunks));
  if (text === undefined) throw usageFailure('The text is not UTF-8.');
  // One line feed at the end belongs to the file, not to the message.
  return text.replace(/\r?\n$/, '');
}

function toMessage(
  { flags }: CommandLine,
  text: string,
  ofLines?: { readonly lineNumber: number; readonly index: number },
): Message {
  const key = flags['id'];
  const check = checkText(text);
  const where = ofLines === undefined ? '' : ` (line ${ofLines.lineNumber})`;
  if (!check.ok) throw failure('usage', check.code, `Not sent: ${check.reason}${where}.`);
  const own = ofLines === undefined ? key : `${key}-${ofLines.index + 1}`;
  const clientId = typeof key === 'string' && typeof own === 'string' ? own : createClientId();
  if (!checkClientId(clientId).ok) throw usageFailure('--id is 1 to 64 printable ASCII characters without spaces.');
  return { clientId, text };
}

/** What one run sends. */
export interface Batch {
  readonly to: string;
  readonly messages: readonly Message[];
  /** What is not settled in time is kept. */
  readonly isQueued: boolean;
}

async function sendOnly(context: Context, { to, messages }: Batch): Promise<number> {
  await using client = await connectWithSession(context, { reconnect: true });
  // Nobody waits for an answer, so nobody is told that there was none.
  for (const { clientId, text } of messages) client.send(to, text, { clientId }).catch(() => {});
  await client.close();
  return EXIT.done;
}

/** How messages go: by way of the outbox, or without one. */
export interface Sends {
  /** Hands them over, in order; a promise of what becomes of each. */
  send(batch: Batch, messages: readonly Message[]): Promise<Sent>[];
}

/** By way of the outbox, where there is one. */
export function sendsBy(context: Context, client: ChatClient, outbox: Outbox | undefined): Sends {
  if (outbox !== undefined) return new OutboxSends(context, client, outbox);
  const { settings } = context;
  return {
    send: ({ to }, messages) =>
      messages.map(async ({ clientId, text }) => {
        return await client.send(to, text, { clientId, timeoutMs: settings.timeoutMs });
      }),
  };
}

/**
 * Sends in order, some at a time. A message that is refused steps aside; after one whose outcome is not known in time
 * nothing more is sent.
 */
async function sendAll(context: Context, sends: Sends, batch: Batch): Promise<number> {
  const failures: Failure[] = [];
  let isLost = false;
  let sent = 0;
  for (let start = 0; start < batch.messages.length && !isLost; start += WINDOW) {
    const outcomes = await Promise.allSettled(sends.send(batch, batch.messages.slice(start, start + WINDOW)));
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled') {
        sent += 1;
        reportSent(context, batch.to, outcome.value);
      } else {
        failures.push(toFailure(outcome.reason));
      }
    }
    isLost = failures.some(({ exit }) => IN_VAIN.includes(exit));
  }
  return finish(context, failures, sent);
}

function finish({ output, signal }: Context, failures: readonly Failure[], sent: number): number {
  if (signal.aborted) throw signal.reason as Error;
  const first = failures[0];
  if (first === undefined) return EXIT.done;
  for (const failure of failures) output.error(failure);
  if (failures.every(({ exit }) => exit === EXIT.queued)) return EXIT.queued;
  return sent > 0 && failures.every(({ exit }) => exit !== EXIT.unreachable) ? EXIT.partly : first.exit;
}

/** Tells that a message is stored. */
export function reportSent({ output }: Context, to: string, sent: Sent): void {
  const { conversation, seq, time, clientId } = sent;
  const duplicate = sent.duplicate === true;
  output.report(
    {
      type: 'sent',
      id: `${conversation}/${seq}`,
      client_id: clientId,
      chat: to,
      seq,
      state: 'sent',
      duplicate,
      ts: new Date(time).toISOString(),
    },
    duplicate ? `Sent before: ${conversation}/${seq}.` : `Sent: ${conversation}/${seq}.`,
  );
}
