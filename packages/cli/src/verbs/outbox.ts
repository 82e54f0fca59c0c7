import { ClientError, type Outbox, type OutboxItem } from '@parley/client';
import { type Context, openOutbox, startWithSession, tryOpenLocalStore } from '../context.ts';
import { localDay } from '../day-lines.ts';
import { clock, safe } from '../entries.ts';
import { EXIT } from '../exit-codes.ts';
import { failure, usageFailure } from '../failure.ts';
import { type OutboxWord, outboxWords } from '../outgoing.ts';
import { placeLabel } from '../state/chats.ts';
import { keptChats } from '../state/private-state.ts';
import { forEach } from './each.ts';
import { flush } from './flush.ts';

/** Lists what is not settled; sends it again, or takes it back. */
export async function run(context: Context): Promise<number> {
  const [act = 'ls', ...ids] = context.line.args;
  if (!['ls', 'retry', 'drop'].includes(act) || (act === 'ls' && ids.length > 0)) {
    throw usageFailure('parley outbox [ls], retry [ID…] or drop [ID…]');
  }
  await using client = startWithSession(context);
  using outbox = openOutbox(context, client);
  if (act === 'ls') return list(context, outbox);
  const wanted = chosen(outbox, ids);
  if (act === 'drop') return await forEach(context, wanted, async (id) => await drop(context, outbox, id));
  outbox.retry(wanted);
  return await flush(context, client, outbox);
}

function list(context: Context, outbox: Outbox): number {
  const { output } = context;
  const all = outboxWords(outbox);
  if (all.length === 0) output.note('The outbox is empty.');
  using store = tryOpenLocalStore(context);
  const known = keptChats(store);
  for (const { item, word } of all) {
    const chat = placeLabel(known, item.to);
    output.result(toObject(item, word, chat), toLine(item, word, chat));
  }
  return EXIT.done;
}

/** Ids, or the beginnings of ids. None: all. */
function chosen(outbox: Outbox, ids: readonly string[]): string[] {
  const all = outbox.items().map(({ clientId }) => clientId);
  if (ids.length === 0) return all;
  return ids.map((id) => {
    const found = all.includes(id) ? [id] : all.filter((one) => one.startsWith(id));
    if (found.length > 1) throw usageFailure(`${id} is the beginning of several ids.`);
    if (found[0] === undefined) throw failure('notFound', 'no_such_message', `There is no ${id} in the outbox.`);
    return found[0];
  });
}

async function drop({ settings, output }: Context, outbox: Outbox, id: string): Promise<void> {
  const outcome = await outbox.drop(id, settings.timeoutMs);
  if (outcome === 'sent') throw new ClientError({ kind: 'refused', code: 'sent', message: `${id} was sent already.` });
  output.report({ type: 'dropped', client_id: id }, `Dropped: ${id}.`);
}

function toObject(item: OutboxItem, state: OutboxWord, chat: string): { type: string; [field: string]: unknown } {
  const { clientId, text, createdMs, refusal } = item;
  const reason = refusal === undefined ? {} : { code: refusal.code, message: refusal.message };
  const ts = new Date(createdMs).toISOString();
  return { type: 'queued', client_id: clientId, chat, text, state, ...reason, ts };
}

function toLine(item: OutboxItem, state: OutboxWord, chat: string): string {
  const { clientId, text, createdMs, refusal } = item;
  const why = refusal === undefined ? '' : ` (${safe(refusal.message)})`;
  const when = `${localDay(createdMs)} ${clock(createdMs)}`;
  return `${clientId}  ${when}  ${state}${why}  ${safe(chat)}: ${safe(text)}`;
}
