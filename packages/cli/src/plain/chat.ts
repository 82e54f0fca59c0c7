import { ChatClient } from '@parley/client';
import { findPlace, toWhere } from '../addresses.ts';
import {
  type Context,
  clientOptions,
  forgetSession,
  keepSession,
  prepareProfile,
  tryOpenLocalStore,
  tryOpenOutbox,
} from '../context.ts';
import { deviceName } from '../credentials.ts';
import { EXIT } from '../exit-codes.ts';
import type { Typed } from '../state/line-editor.ts';
import { unreadChats } from '../state/line-state.ts';
import { type Completed, complete } from '../state/tab-completion.ts';
import { type ChatEnd, LineChat } from './line-chat.ts';
import { type LineInput, type LineListener, openLineInput } from './line-input.ts';
import { LineQueue, NOT_UTF8 } from './line-queue.ts';
import { count } from './lines.ts';
import { runMenu } from './menu.ts';
import { modeOf } from './mode.ts';
import { vocabularyOf } from './vocabulary.ts';

/** How long leaving waits for messages on their way, in milliseconds; after a signal not at all (C55). */
const LEAVE_MS: Readonly<Record<ChatEnd, number>> = { quit: 3_000, logout: 3_000, loggedOut: 0, refused: 0 };

/** How much of that nobody notices. */
const SILENT_MS = 300;

const NOT_UTF8_TEXT = 'The line is not UTF-8: nothing was done with it.';

/** Line mode: the menu until there is a session, then the chat, until the user leaves. */
export async function run(context: Context): Promise<number> {
  const queue = new LineQueue();
  const mode = modeOf(context);
  const input = openLineInput(
    { input: context.stdin, output: process.stdout, ...mode },
    listen(queue, () => lineMode),
  );
  context.signal.addEventListener('abort', () => queue.end(), { once: true });
  const lineMode = new LineMode(context, { input, queue, isLegacy: mode.isLegacy });
  if (mode.notice !== undefined && input.isTerminal) input.print(mode.notice);
  try {
    return await lineMode.run();
  } finally {
    input.close();
    if (context.signal.aborted) throwReason(context.signal);
  }
}

/** What keys and lines do. */
function listen(queue: LineQueue, mode: () => LineMode): LineListener {
  return {
    onLine: (line) => queue.push(line),
    onInterrupt: () => mode().interrupt(),
    onEnd: () => queue.end(),
    onTyped: (text) => mode().typed(text),
    complete: (typed) => mode().complete(typed),
    onKey: (name) => {
      if (name === 'M-a') mode().next();
    },
  };
}

interface LineModeParts {
  readonly input: LineInput;
  readonly queue: LineQueue;
  readonly isLegacy: boolean;
}

/** Leads from the menu to the chat and back. */
class LineMode {
  readonly #context: Context;
  readonly #input: LineInput;
  readonly #queue: LineQueue;
  readonly #isLegacy: boolean;
  #profile: string | undefined;
  #current: LineChat | undefined;
  /** Ctrl-C was pressed, and nothing since. */
  #isInterrupted = false;
  /** Texts of the chat that ended; told at the end, so that nobody takes them for sent. */
  #unsettled: readonly string[] = [];
  /** They are in the outbox. */
  #isKept = false;

  constructor(context: Context, { input, queue, isLegacy }: LineModeParts) {
    this.#context = context;
    this.#input = input;
    this.#queue = queue;
    this.#isLegacy = isLegacy;
    this.#profile = context.settings.profile;
  }

  async run(): Promise<number> {
    const { settings } = this.#context;
    let token = settings.token ?? settings.session?.token;
    for (;;) {
      const client = token === undefined ? await this.#logIn() : this.#newClient(token);
      if (!(client instanceof ChatClient)) return client;
      token = undefined;
      const end = await this.#chat(client);
      if (end === 'quit') return await this.#leave(client);
      if (end === 'refused') return EXIT.unreachable;
      await this.#forget(client, end);
    }
  }

  /** Ctrl-C drops what is typed; twice with nothing typed, it leaves. */
  interrupt(): void {
    const [isTyping, isAgain] = [this.#input.typed !== '', this.#isInterrupted];
    this.#input.clear();
    this.#isInterrupted = !isTyping;
    if (isTyping) return;
    if (isAgain) this.#queue.end();
    else this.#input.print(`Ctrl-C again to quit${this.#waiting()}.`);
  }

  /** What is typed has changed. */
  typed(text: string): void {
    this.#isInterrupted = false;
    this.#current?.typed(text);
  }

  complete(typed: Typed): Completed {
    return this.#current === undefined
      ? { ...typed, choices: [] }
      : complete(typed, vocabularyOf(this.#current.state()));
  }

  /** Alt-A: the next unread chat; what is typed waits for this one to be opened again. */
  next(): void {
    if (this.#current === undefined) return;
    if (unreadChats(this.#current.state()).length === 0) {
      this.#input.print('Nothing is unread.');
      return;
    }
    if (this.#current.putAside()) this.#input.setTyped('');
    this.#queue.push('/next');
  }

  #waiting(): string {
    const waiting = this.#current?.unsettled.length ?? 0;
    return waiting === 0 ? '' : `, ${count(waiting, 'message')} in the outbox`;
  }

  async #logIn(): Promise<ChatClient | number> {
    const view = {
      isTerminal: this.#input.isTerminal,
      print: (text: string) => this.#input.print(text),
      ask: async (question: string, isSecret = false) => {
        this.#input.prompt(question, isSecret);
        const answer = await this.#queue.next();
        if (answer !== NOT_UTF8) return answer;
        // Taking the next line for the answer would put a password where a name belongs.
        this.#input.print(NOT_UTF8_TEXT);
        return undefined;
      },
    };
    const result = await runMenu(view, {
      open: async () => {
        const client = this.#newClient(undefined);
        await client.connect(
          AbortSignal.any([this.#context.signal, AbortSignal.timeout(this.#context.settings.timeoutMs)]),
        );
        return client;
      },
      device: deviceName(this.#context),
      prepare: (name) => void prepareProfile(this.#context, name),
    });
    if (result === 'quit') return EXIT.done;
    if (result === 'end') return this.#input.isTerminal ? EXIT.done : EXIT.notLoggedIn;
    this.#profile = prepareProfile(this.#context, result.reply.user.name);
    keepSession(this.#context, this.#profile, { ...result.reply, token: result.reply.token ?? '' });
    return result.client;
  }

  async #chat(client: ChatClient): Promise<ChatEnd> {
    const { server, token, session } = this.#context.settings;
    const user = client.user ?? session?.user;
    const isKept = token === undefined && this.#profile !== undefined && user !== undefined;
    const login = isKept ? { profile: this.#profile ?? '', user } : undefined;
    using outbox = tryOpenOutbox(this.#context, client, login);
    using store = tryOpenLocalStore(this.#context, login);
    const chat = new LineChat(
      { client, server, disk: { outbox, store }, isLegacy: this.#isLegacy },
      {
        print: (text) => this.#input.print(text),
        prompt: (text) => this.#input.prompt(text),
        isTerminal: this.#input.isTerminal,
        get columns() {
          return process.stdout.isTTY ? process.stdout.columns : undefined;
        },
        setTyped: (text) => this.#input.setTyped(text),
      },
    );
    this.#current = chat;
    // Whatever ends the program, a bug or a terminal that is gone included (C55).
    process.once('exit', chat.keepTyped);
    const started = chat.start().then(async () => await this.#openFirst(chat));
    // An end of the session is told by the status, everything else by the chat itself.
    started.catch(() => {});
    const end = await Promise.race([chat.ended, this.#readLines(chat)]);
    this.#isKept = outbox !== undefined;
    await this.#settle(chat, LEAVE_MS[end]);
    this.#unsettled = chat.unsettled;
    process.off('exit', chat.keepTyped);
    chat.stop();
    this.#current = undefined;
    this.#input.setTyped('');
    return end;
  }

  /** `parley WHERE` opens that chat. */
  async #openFirst(chat: LineChat): Promise<void> {
    const [where] = this.#context.line.args;
    if (where === undefined || chat.state().open !== undefined) return;
    const place = await findPlace(chat.client, toWhere(where));
    await chat.open(place.conversation, place.label);
    chat.prompt();
  }

  async #readLines(chat: LineChat): Promise<ChatEnd> {
    if (!this.#input.isTerminal) await untilSynced(chat);
    let isOver = false;
    void chat.ended.then(() => {
      isOver = true;
    });
    for (;;) {
      const line = await this.#queue.next();
      if (line === undefined) return 'quit';
      if (line === NOT_UTF8) this.#input.print(NOT_UTF8_TEXT);
      else await chat.enter(line);
      await Promise.resolve();
      if (isOver) return await chat.ended;
    }
  }

  /** What was typed before leaving gets a moment to be acknowledged, unless it is kept and there is no link. */
  async #settle(chat: LineChat, waitMs: number): Promise<void> {
    const { signal } = this.#context;
    const begin = Date.now();
    let isTold = false;
    const isInVain = (): boolean => this.#isKept && chat.state().link !== 'online';
    while (chat.unsettled.length > 0 && Date.now() < begin + waitMs && !signal.aborted && !isInVain()) {
      await new Promise((resolve) => {
        setTimeout(resolve, 20);
      });
      if (isTold || Date.now() < begin + SILENT_MS) continue;
      isTold = true;
      this.#input.print(`${count(chat.unsettled.length, 'message')} not confirmed yet, waiting for a moment.`);
    }
  }

  async #leave(client: ChatClient): Promise<number> {
    await client.close();
    if (this.#unsettled.length === 0) return EXIT.done;
    if (this.#isKept) {
      const kept = count(this.#unsettled.length, 'message');
      this.#input.print(`${kept} not sent yet, kept in the outbox. The next parley sends them, and parley flush does.`);
      return EXIT.queued;
    }
    this.#input.print(`${count(this.#unsettled.length, 'message')} not confirmed:\n${this.#unsettled.join('\n')}`);
    return EXIT.unreachable;
  }

  /** A session that was ended, here or elsewhere, is no use any more. */
  async #forget(client: ChatClient, end: ChatEnd): Promise<void> {
    if (end === 'logout') await client.logout().catch(() => this.#input.print('The server could not be told.'));
    if (this.#profile !== undefined && this.#context.settings.token === undefined)
      forgetSession(this.#context, this.#profile);
    await client.close();
  }

  #newClient(token: string | undefined): ChatClient {
    const options = clientOptions(this.#context);
    return new ChatClient({ ...options, reconnect: true, ...(token === undefined ? {} : { token }) });
  }
}

/** Lines of a pipe are there at once: they wait for the chats that they name. */
async function untilSynced(chat: LineChat): Promise<void> {
  if (chat.state().isSynced) return;
  await chat.client.waitFor('synced').catch(() => {});
}

function throwReason(signal: AbortSignal): never {
  throw signal.reason as Error;
}
