import type { ChatClient, Outbox } from '@parley/client';
import { createClientId, type Op } from '@parley/protocol';
import { toWhere } from '../addresses.ts';
import { type Context, connectWithSession, tryOpenOutbox } from '../context.ts';
import { entryObject, gapObject } from '../entries.ts';
import { EXIT } from '../exit-codes.ts';
import { type Failure, toFailure, usageFailure } from '../failure.ts';
import { deliver } from '../outgoing.ts';
import { escaped } from '../output.ts';
import { labelOf } from '../state/chats.ts';
import { followState } from '../state/private-state.ts';
import { readLines } from '../stdin-lines.ts';

/** Requests of the server that a bot may make as they are. The log-in is the program's own. */
const PASSED_ON: ReadonlySet<string> = new Set([
  'whois',
  'outcome',
  'cancel',
  'history',
  'read',
  'delivered',
  'friends',
  'addFriend',
  'removeFriend',
  'block',
  'unblock',
  'createGroup',
  'join',
  'leave',
  'kick',
  'role',
  'members',
  'devices',
] satisfies Op[]);

/** Operations that append, and so need a client id. */
const APPENDING: ReadonlySet<string> = new Set(['createGroup', 'join', 'leave', 'kick', 'role'] satisfies Op[]);

interface Request {
  readonly op: string;
  readonly ref: unknown;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** JSON Lines both ways: requests on stdin, answers and events on stdout, until stdin ends. */
export async function run(context: Context): Promise<number> {
  await using client = await connectWithSession(context, { reconnect: true });
  using outbox = tryOpenOutbox(context, client);
  const rpc = new Rpc(context, client, outbox);
  await rpc.follow();
  const pending = new Set<Promise<void>>();
  for await (const line of readLines(context.stdin, context.signal)) {
    if (line?.trim() === '') continue;
    const answer = rpc.answer(line).finally(() => pending.delete(answer));
    pending.add(answer);
  }
  await Promise.all(pending);
  context.signal.throwIfAborted();
  return EXIT.done;
}

class Rpc {
  readonly #context: Context;
  readonly #client: ChatClient;
  readonly #outbox: Outbox | undefined;

  constructor(context: Context, client: ChatClient, outbox: Outbox | undefined) {
    this.#context = context;
    this.#client = client;
    this.#outbox = outbox;
  }

  /** Events as they come: what is said from now on. */
  async follow(): Promise<void> {
    const client = this.#client;
    const state = followState(client);
    const label = (conversation: string): string => labelOf(state(), conversation);
    client.on('entry', (entry) => this.#print(entryObject(entry, label(entry.conversation), client.user)));
    client.on('gap', (gap) => {
      if (gap.reason !== 'paged') this.#print(gapObject(gap, label(gap.conversation)));
    });
    client.on('status', ({ state: link }) => this.#print({ type: 'conn', state: link, ts: new Date().toISOString() }));
    await Promise.all([client.waitFor('synced'), client.sync({ default: { mode: 'lazy', last: 0 } })]);
    this.#print({ type: 'conn', state: 'online', user: client.user, ts: new Date().toISOString() });
  }

  /** Answers one line; never rejects. */
  async answer(line: string | undefined): Promise<void> {
    let ref: unknown = null;
    try {
      const request = parse(line);
      ({ ref } = request);
      const reply = request.op === 'send' ? await this.#send(request.fields) : await this.#pass(request);
      this.#print({ type: 'ok', ref, ...reply });
    } catch (error) {
      this.#print({ type: 'error', ref, ...told(toFailure(error)) });
    }
  }

  async #send(fields: Request['fields']): Promise<object> {
    const { to, text, clientId = fields['id'] ?? createClientId() } = fields;
    if (typeof to !== 'string' || typeof text !== 'string') throw usageFailure('send wants to and text.');
    if (typeof clientId !== 'string') throw usageFailure('A client id is a string.');
    const tools = { client: this.#client, outbox: this.#outbox };
    const sent = await deliver(tools, { clientId, to: toWhere(to), text }, this.#context.settings.timeoutMs);
    const { conversation, seq, time } = sent;
    const ts = new Date(time).toISOString();
    return { id: `${conversation}/${seq}`, client_id: clientId, seq, duplicate: sent.duplicate === true, ts };
  }

  async #pass({ op, fields }: Request): Promise<object> {
    if (!PASSED_ON.has(op)) throw usageFailure(`There is no op ${op}.`);
    const id = APPENDING.has(op) && fields['clientId'] === undefined ? { clientId: createClientId() } : {};
    return await this.#client.request(op as Op, { ...fields, ...id });
  }

  #print(object: { type: string; [field: string]: unknown }): void {
    void this.#context.output.exact(`${escaped({ v: 1, ...object })}\n`);
  }
}

function parse(line: string | undefined): Request {
  if (line === undefined) throw usageFailure('That is not UTF-8.');
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw usageFailure('That is not JSON.');
  }
  const { op, ref = null, ...fields } = (value ?? {}) as Record<string, unknown>;
  if (typeof op !== 'string') throw usageFailure('A request is an object with an op.');
  return { op, ref, fields };
}

/** Whatever the server finds no sense in was written by the bot. */
function told({ code, message, hint, exit }: Failure): object {
  return { code, message, hint: hint ?? null, exit: code === 'bad_request' ? EXIT.usage : exit };
}
