import {
  type ChatClient,
  describeError,
  type LinkStatus,
  type LocalStore,
  Mirror,
  type Outbox,
  type Sent,
} from '@parley/client';
import { checkText, createClientId, type EntryEvent, LIMITS, type StateEvent } from '@parley/protocol';
import { DayLines } from '../day-lines.ts';
import { clock, entryText, indented, safe } from '../entries.ts';
import { toFailure, usageFailure } from '../failure.ts';
import { deliver } from '../outgoing.ts';
import { placeLabel, unreadIn } from '../state/chats.ts';
import { readInput } from '../state/input.ts';
import { type LineEvent, type LineState, NEW_LINE_STATE, type OpenChat, reduceLine } from '../state/line-state.ts';
import { nearest } from '../state/nearest.ts';
import { keptChats } from '../state/private-state.ts';
import { COMMANDS, type CommandHost, type ListRow } from './commands.ts';
import { Drafts } from './drafts.ts';
import { HeldQuestion } from './held-question.ts';
import { type LastEntries, lastEntries, type Wanted } from './last-entries.ts';
import { backLine, count, entryLine, gapLine, isRequest, reasonText, requestLine, summaryLines } from './lines.ts';
import { ReadMarks } from './read-marks.ts';
import { findSlashCommand, SLASH_COMMANDS } from './slash-commands.ts';

/** What line mode shows itself on. */
export interface LineView {
  print(text: string): void;
  prompt(text: string): void;
  /** Someone types here, and can be asked. */
  readonly isTerminal: boolean;
  /** How wide the terminal is now; undefined where there is none. */
  readonly columns?: number | undefined;
  /** Puts a text into the line, to be edited. */
  setTyped(text: string): void;
}

/** Why a chat ended. `loggedOut`: the session is over on the server. `refused`: the server wants none of us. */
export type ChatEnd = 'quit' | 'logout' | 'loggedOut' | 'refused';

/** How long a message waits for a link where there is no outbox on disk, in milliseconds. */
const SEND_TIMEOUT_MS = 600_000;
/** Shown of a chat that is opened: the new messages, up to this many; else this many of the last entries. */
const MOST_SHOWN = 50;
const GLANCE = 10;

/** Where a chat keeps things on disk; without it they live as long as the program. */
export interface LineDisk {
  readonly outbox: Outbox | undefined;
  readonly store: LocalStore | undefined;
}

export interface LineChatOptions {
  readonly client: ChatClient;
  readonly server: string;
  readonly disk: LineDisk;
  /** The ancestor's commands are commands in a chat as well. */
  readonly isLegacy?: boolean;
}

/** One account's chat in line mode: what comes is printed, what is typed is carried out. */
export class LineChat implements CommandHost {
  readonly client: ChatClient;
  readonly server: string;
  readonly outbox: Outbox | undefined;
  readonly days: DayLines = new DayLines(Date.now());
  readonly #store: LocalStore | undefined;
  readonly #mirror: Mirror | undefined;
  readonly #drafts: Drafts;
  readonly #readMarks: ReadMarks;
  readonly #question: HeldQuestion;
  readonly #view: LineView;
  readonly #isLegacy: boolean;
  readonly #ended = Promise.withResolvers<ChatEnd>();
  readonly #stop: (() => void)[] = [];
  /** Client ids of what was typed here: its entries are not printed a second time. */
  readonly #own = new Set<string>();
  readonly #waiting = new Map<string, string>();
  #state: LineState = NEW_LINE_STATE;
  #listed: readonly ListRow[] | undefined;
  #hasLeft = false;

  constructor({ client, server, disk, isLegacy = false }: LineChatOptions, view: LineView) {
    this.client = client;
    this.#isLegacy = isLegacy;
    this.server = server;
    this.outbox = disk.outbox;
    this.#store = disk.store;
    this.#mirror =
      disk.store &&
      new Mirror(client, disk.store, (error) => {
        this.print(`What is said is no longer kept on disk: ${safe(describeError(error))}.`);
      });
    this.#drafts = new Drafts(disk.store);
    this.#readMarks = new ReadMarks(client);
    this.#question = new HeldQuestion(disk.outbox, {
      print: this.print,
      labelOf: (to) => placeLabel(this.#state.known, to),
      canAsk: view.isTerminal,
    });
    this.#view = view;
    this.#state = { ...NEW_LINE_STATE, known: keptChats(disk.store) };
    this.#stop.push(
      client.on('status', (status) => this.#onStatus(status)),
      client.on('state', (event) => this.#onState(event)),
      client.on('entry', (entry) => this.#onEntry(entry)),
      client.on('gap', (gap) => {
        // What was left out of the backlog is read with /history.
        if (this.#state.isSynced || gap.reason === 'reset') this.print(gapLine(this.#state, gap));
      }),
      client.on('synced', () => this.#onSynced()),
    );
  }

  /** Resolves when the chat is over. */
  get ended(): Promise<ChatEnd> {
    return this.#ended.promise;
  }

  /** Texts that were typed and are not known to be stored. */
  get unsettled(): readonly string[] {
    return [...this.#waiting.values()];
  }

  /** Begins to follow; the client is logged in, or will be as soon as there is a link. */
  async start(): Promise<void> {
    this.#change({ type: 'status', status: this.client.status, nowMs: Date.now() });
    this.prompt();
    if (this.client.status.state !== 'online') await this.client.connect();
    if (this.client.user !== undefined) this.#change({ type: 'loggedIn', me: this.client.user });
    // Without a copy on disk nothing is done with a backlog: chats are read when they are opened.
    const last = this.#mirror === undefined ? 0 : MOST_SHOWN;
    await this.client.sync({ default: { mode: 'lazy', last }, ...this.#mirror?.syncOptions() });
  }

  /** Keeps what is typed, in case that the program ends now. */
  readonly keepTyped = (): void => {
    this.#drafts.keep();
  };

  /** Takes part no more. */
  stop(): void {
    for (const stop of this.#stop) stop();
    this.#readMarks.tell();
    this.#drafts.keep();
    this.#mirror?.[Symbol.dispose]();
  }

  /** A line was entered. Never throws. */
  async enter(line: string): Promise<void> {
    try {
      if (!(await this.#question.answer(line))) await this.#carryOut(line);
    } catch (error) {
      this.print(reasonText(error));
    }
    if (!this.#hasLeft) this.prompt();
  }

  get columns(): number | undefined {
    return this.#view.columns;
  }

  state(): LineState {
    return this.#state;
  }

  drafts(): ReadonlySet<string> {
    return this.#drafts.conversations();
  }

  /** What is typed has changed. */
  typed(text: string): void {
    this.#drafts.typed(this.#state.open?.conversation, text);
  }

  /** What is typed waits for its chat to be opened again. Answers whether that can be. */
  putAside(): boolean {
    return this.#drafts.putAside();
  }

  printList(rows: readonly ListRow[]): void {
    this.#listed = rows;
    this.print(rows.map(({ text }, index) => `${index + 1} ${safe(text)}`).join('\n'));
  }

  listed(): readonly ListRow[] | undefined {
    return this.#listed;
  }

  readonly print = (line: string): void => {
    this.#view.print(line);
  };

  prompt(): void {
    const { open } = this.#state;
    this.#view.prompt(open === undefined ? '> ' : `${safe(open.label)}> `);
  }

  async open(conversation: string, label: string): Promise<void> {
    const chat = this.#state.known.chats.get(conversation);
    const opened = { conversation, label: chat?.label ?? label };
    this.#change({ type: 'opened', chat: opened });
    try {
      await this.#showEnd(opened, chat === undefined ? 0 : unreadIn(chat));
    } finally {
      const draft = this.#drafts.of(conversation);
      if (draft !== undefined) this.#view.setTyped(draft);
    }
  }

  /** Shows what is new in a chat, or else its last entries; they are read then. */
  async #showEnd({ conversation, label }: OpenChat, unread: number): Promise<void> {
    const limit = Math.min(Math.max(unread, GLANCE), MOST_SHOWN, LIMITS.historyEntries);
    const { entries, isKept } = await this.lastEntries({ conversation, limit }).catch((error: unknown) => {
      // Two people who have not written to each other yet.
      if ((error as { code?: string }).code === 'no_such_conversation') return { entries: [], isKept: false };
      throw error;
    });
    const news = unread === 0 ? 'nothing new' : `${unread} new`;
    const head = `${safe(label)}, ${isKept ? 'as kept on this machine' : news}:`;
    const lines = entries.map((entry) => this.days.dated(entry.time, entryText(entry, this.#state.me, 'mentions')));
    // In one piece: where nothing is written over, each piece is followed by a prompt.
    this.print([head, ...lines].join('\n'));
    const last = entries.at(-1);
    if (last !== undefined) this.#markRead(last);
  }

  async lastEntries(wanted: Wanted): Promise<LastEntries> {
    return await lastEntries(this.client, wanted, ({ conversation, limit }) => {
      this.#mirror?.keep(); // what came just now
      return this.#store?.entries(conversation, { before: undefined, limit }) ?? [];
    });
  }

  closeChat(): void {
    this.#change({ type: 'opened', chat: undefined });
  }

  /** Sends in the background: what comes of it is printed. Throws a Failure when the text cannot be one. */
  send(to: string, text: string): void {
    const check = checkText(text);
    if (!check.ok) {
      const hint = this.#view.isTerminal ? 'Up brings it back.' : undefined;
      throw usageFailure(`Not sent: ${check.reason}.`, hint);
    }
    const clientId = createClientId();
    this.#own.add(clientId);
    this.#waiting.set(clientId, text);
    if (this.#state.link !== 'online') {
      this.print(`${clock(Date.now())} you: ${indented(text)} (waiting, ${this.#waiting.size} in all)`);
    }
    const where = this.#state.open?.conversation === to ? '' : `[${safe(placeLabel(this.#state.known, to))}] `;
    const timeoutMs = this.outbox === undefined ? SEND_TIMEOUT_MS : Number.POSITIVE_INFINITY;
    deliver(this, { clientId, to, text }, timeoutMs).then(
      (sent) => this.#onSent(sent, { where, text }),
      (error: unknown) => this.#onNotSent(clientId, error),
    );
  }

  leave(how: 'logout' | 'quit'): void {
    this.#hasLeft = true;
    this.#ended.resolve(how);
  }

  async #carryOut(line: string): Promise<void> {
    const input = readInput(line, this.#state.open !== undefined, this.#isLegacy);
    const isPasted = line.includes('\n') && input.kind === 'command' && findSlashCommand(input.word)?.name !== 'msg';
    if (isPasted) throw usageFailure('A command is one line.', 'A text that begins with a slash is sent with two: //');
    switch (input.kind) {
      case 'nothing':
        break;
      case 'text':
        this.send(this.#state.open?.conversation ?? '', input.text);
        break;
      case 'homeless':
        if (/^\d{1,4}$/.test(line.trim())) return await this.#run('goto', line.trim());
        throw usageFailure('No chat is open.', '/goto WHERE opens one, /help lists commands.');
      case 'malformed':
        throw usageFailure(`Write ${input.usage}`);
      case 'command':
        await this.#run(input.word, input.rest);
    }
  }

  async #run(word: string, rest: string): Promise<void> {
    const command = findSlashCommand(word);
    const run = command === undefined ? undefined : COMMANDS[command.name];
    if (run !== undefined) {
      await run(this, rest);
      return;
    }
    const near = nearest(
      word,
      SLASH_COMMANDS.map(({ name }) => name),
    );
    const guess = near === undefined ? '' : ` Did you mean /${near}?`;
    throw usageFailure(`No command /${safe(word)}.${guess}`, 'A text that begins with a slash is sent with two: //');
  }

  #onSent({ clientId, time }: Sent, { where, text }: { where: string; text: string }): void {
    this.#waiting.delete(clientId);
    this.print(this.days.dated(time, `${where}${clock(time)} you: ${indented(text)} (sent)`));
  }

  #onNotSent(clientId: string, error: unknown): void {
    const text = this.#waiting.get(clientId) ?? '';
    this.#waiting.delete(clientId);
    const { message, code } = toFailure(error);
    if (this.#hasLeft) return;
    const what = code === 'unknown_outcome' ? 'Not confirmed' : 'Not sent';
    this.print(`${what}: ${safe(message)} The text was: ${indented(text)}`);
  }

  #onStatus(status: LinkStatus): void {
    const wasSynced = this.#state.isSynced && this.#state.lostAtMs === undefined;
    this.#change({ type: 'status', status, nowMs: Date.now() });
    if (status.state === 'waiting' && (wasSynced || status.attempt === 1)) {
      const what = wasSynced ? 'connection lost' : `cannot reach ${this.server}`;
      this.print(`${clock(Date.now())} ${what}, trying again. You can keep typing.`);
    }
    if (status.state === 'offline' && status.reason !== 'closed') {
      const isOver = status.reason === 'auth';
      this.print(`${isOver ? 'Your session has ended' : 'The server refuses'}: ${safe(status.error.message)}`);
      this.#ended.resolve(isOver ? 'loggedOut' : 'refused');
    }
  }

  #onState(event: StateEvent): void {
    const before = this.#state.known.contacts;
    this.#change({ type: 'state', event });
    if (!this.#state.isSynced) return;
    for (const contact of this.#state.known.contacts.values()) {
      const known = before.get(contact.user.id);
      if (isRequest(contact) && (known === undefined || !isRequest(known))) this.print(requestLine(contact));
    }
  }

  #onEntry(entry: EntryEvent): void {
    const { isSynced, open } = this.#state;
    this.#change({ type: 'entry', entry });
    if (!isSynced) return;
    const line = this.#own.delete(entry.clientId) ? undefined : entryLine(this.#state, entry);
    if (line !== undefined) this.print(this.days.dated(entry.time, line));
    if (open?.conversation === entry.conversation) this.#markRead(entry);
  }

  #onSynced(): void {
    const before = this.#state;
    this.#change({ type: 'synced' });
    if (before.isSynced) {
      this.print(backLine(before, Date.now()));
      this.#readMarks.tell();
      this.#question.ask();
      return;
    }
    const { user } = this.client;
    this.print([`${safe(user?.name ?? '')} at ${this.server}. Online.`, ...summaryLines(this.#state)].join('\n'));
    if (this.#waiting.size > 0) this.print(`${count(this.#waiting.size, 'message')} on the way.`);
    this.#question.ask();
  }

  /** What was shown in the open chat is read. */
  #markRead({ conversation, seq, ord }: { conversation: string; seq: number; ord: number }): void {
    this.#change({ type: 'read', conversation, seq, ord });
    this.#readMarks.mark(conversation, seq);
  }

  #change(event: LineEvent): void {
    this.#state = reduceLine(this.#state, event);
  }
}
