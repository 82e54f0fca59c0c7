import type { ChatClient, Outbox } from '@parley/client';
import { createClientId } from '@parley/protocol';
import { type Context, forgetSession } from '../context.ts';
import { DayLines } from '../day-lines.ts';
import { entryObject, entryText, SHOWN_KINDS, safe } from '../entries.ts';
import { usageFailure } from '../failure.ts';
import { COMMANDS, type CommandHost, type ListRow } from '../plain/commands.ts';
import { type LastEntries, lastEntries, type Wanted } from '../plain/last-entries.ts';
import { findSlashCommand } from '../plain/slash-commands.ts';
import { unreadIn } from '../state/chats.ts';
import { readInput } from '../state/input.ts';
import { type LineEvent, type LineState, NEW_LINE_STATE, reduceLine } from '../state/line-state.ts';
import { reportSent, type Sends } from './send.ts';

/** Most new messages shown of a chat that a script opens. */
const MOST_SHOWN = 50;

const NO_DRAFTS: ReadonlySet<string> = new Set();

/** What a script works with. */
export interface ScriptTools {
  readonly client: ChatClient;
  readonly outbox: Outbox | undefined;
  readonly sends: Sends;
}

/** Carries out the commands of line mode for a script: one after the other, told as results, failures thrown. */
export class ScriptHost implements CommandHost {
  readonly client: ChatClient;
  readonly server: string;
  readonly outbox: Outbox | undefined;
  readonly columns: undefined;
  readonly days: DayLines = new DayLines(Date.now());
  readonly #context: Context;
  readonly #sends: Sends;
  #state: LineState = NEW_LINE_STATE;
  #lineNumber = 0;
  #listed: readonly ListRow[] | undefined;
  #sending: Promise<void> = Promise.resolve();
  #left: 'logout' | 'quit' | undefined;

  constructor(context: Context, { client, outbox, sends }: ScriptTools) {
    this.client = client;
    this.server = context.settings.server;
    this.outbox = outbox;
    this.#context = context;
    this.#sends = sends;
    client.on('state', (event) => this.#change({ type: 'state', event }));
    client.on('entry', (entry) => this.#change({ type: 'entry', entry }));
  }

  /** The script said that it is over. */
  get hasLeft(): boolean {
    return this.#left !== undefined;
  }

  /** Learns which chats there are. */
  async start(): Promise<void> {
    const { client } = this;
    await Promise.all([client.waitFor('synced'), client.sync({ default: { mode: 'lazy', last: 0 } })]);
    if (client.user !== undefined) this.#change({ type: 'loggedIn', me: client.user });
  }

  /** Resolves when all that a line asks for is done; rejects with why it is not. */
  async carryOut(text: string | undefined, lineNumber: number): Promise<void> {
    this.#lineNumber = lineNumber;
    this.#sending = Promise.resolve();
    if (text === undefined) throw usageFailure('This is not UTF-8.');
    const input = readInput(text, this.#state.open !== undefined);
    if (input.kind === 'homeless')
      throw usageFailure('No chat is open.', '/goto WHERE opens one; /msg WHERE TEXT sends.');
    if (input.kind === 'malformed') throw usageFailure(`Write ${input.usage}`);
    if (input.kind === 'text') this.send(this.#state.open?.conversation ?? '', input.text);
    if (input.kind === 'command') await this.#run(input.word, input.rest);
    await this.#sending;
    if (this.#left === 'logout') await this.#logOut();
  }

  state(): LineState {
    return this.#state;
  }

  readonly print = (text: string): void => {
    this.#context.output.result({ type: 'output', line: this.#lineNumber, text }, text);
  };

  /** A script types nothing ahead. */
  drafts(): ReadonlySet<string> {
    return NO_DRAFTS;
  }

  printList(rows: readonly ListRow[]): void {
    this.#listed = rows;
    rows.forEach(({ text }, index) => this.print(`${index + 1} ${safe(text)}`));
  }

  listed(): readonly ListRow[] | undefined {
    return this.#listed;
  }

  /** Shows what is new in it, which counts as read then. */
  async open(conversation: string, label: string): Promise<void> {
    const chat = this.#state.known.chats.get(conversation);
    this.#change({ type: 'opened', chat: { conversation, label: chat?.label ?? label } });
    const unread = chat === undefined ? 0 : Math.min(unreadIn(chat), MOST_SHOWN);
    if (unread === 0) return;
    const { entries } = await this.client.request('history', { conversation, limit: unread });
    const me = this.client.user;
    for (const entry of entries) {
      if (!(SHOWN_KINDS as readonly string[]).includes(entry.kind)) continue;
      this.#context.output.result(
        entryObject(entry, chat?.label ?? label, me),
        this.days.dated(entry.time, `${safe(label)} ${entryText(entry, me)}`),
      );
    }
    const last = entries.at(-1);
    if (last === undefined) return;
    await this.client.request('read', { conversation, seq: last.seq });
    this.#change({ type: 'read', conversation, seq: last.seq, ord: last.ord });
  }

  /** A script waits for the server, or fails. */
  async lastEntries(wanted: Wanted): Promise<LastEntries> {
    return await lastEntries(this.client, wanted, () => []);
  }

  closeChat(): void {
    this.#change({ type: 'opened', chat: undefined });
  }

  /** The line is done when the message is stored. */
  send(to: string, text: string): void {
    const messages = [{ clientId: createClientId(), text }];
    this.#sending = this.#settle(to, messages);
    this.#sending.catch(() => undefined); // told by carryOut
  }

  leave(how: 'logout' | 'quit'): void {
    this.#left = how;
  }

  async #settle(to: string, messages: readonly { clientId: string; text: string }[]): Promise<void> {
    const [sent] = await Promise.all(this.#sends.send({ to, messages, isQueued: false }, messages));
    if (sent !== undefined) reportSent(this.#context, to, sent);
  }

  async #run(word: string, rest: string): Promise<void> {
    const run = COMMANDS[findSlashCommand(word)?.name ?? ''];
    if (run === undefined)
      throw usageFailure(`No command /${word}.`, 'A text that begins with a slash is sent with two: //');
    await run(this, rest);
  }

  async #logOut(): Promise<void> {
    const { settings } = this.#context;
    await this.client.logout();
    if (settings.profile !== undefined && settings.token === undefined) forgetSession(this.#context, settings.profile);
  }

  #change(event: LineEvent): void {
    this.#state = reduceLine(this.#state, event);
  }
}
