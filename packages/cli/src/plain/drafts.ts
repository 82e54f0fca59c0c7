import { isDiskTrouble, type LocalStore } from '@parley/client';
import { readInput } from '../state/input.ts';

/** What is typed is kept after this much quiet, in milliseconds: a crash loses no more. */
const KEEP_MS = 1_000;

/** Texts that were typed for a chat and not sent; on disk, where there is one. */
export class Drafts {
  readonly #store: LocalStore | undefined;
  readonly #texts: Map<string, string>;
  #timer: NodeJS.Timeout | undefined;
  #typed = '';
  /** The chat that is typed for. */
  #conversation: string | undefined;

  constructor(store: LocalStore | undefined) {
    this.#store = store;
    this.#texts = store?.drafts() ?? new Map();
  }

  conversations(): ReadonlySet<string> {
    return new Set(this.#texts.keys());
  }

  /** The draft for a chat, unless something is being typed already. */
  of(conversation: string): string | undefined {
    return this.#typed === '' ? this.#texts.get(conversation) : undefined;
  }

  /** What is typed has changed; `conversation`: the chat that is open. */
  typed(conversation: string | undefined, text: string): void {
    // Also after it was put aside: then it was kept, and the line is emptied.
    if (text === '' && this.#typed === '') return;
    this.#typed = text;
    this.#conversation = conversation;
    clearTimeout(this.#timer);
    // What was entered is no draft any more, from this moment on.
    if (text === '') this.keep();
    else this.#timer = setTimeout(() => this.keep(), KEEP_MS);
  }

  /** Keeps what is typed until its chat is opened again. Answers false when there is none that it could be for. */
  putAside(): boolean {
    if (this.#typed !== '' && this.#conversation === undefined) return false;
    this.keep();
    this.#typed = '';
    this.#conversation = undefined;
    return true;
  }

  /** Keeps what is typed, in case that the program ends. */
  keep(): void {
    clearTimeout(this.#timer);
    if (this.#conversation === undefined) return;
    const text = readInput(this.#typed, true).kind === 'text' ? this.#typed : '';
    if (text === (this.#texts.get(this.#conversation) ?? '')) return;
    if (text === '') this.#texts.delete(this.#conversation);
    else this.#texts.set(this.#conversation, text);
    try {
      this.#store?.setDraft(this.#conversation, text);
    } catch (error) {
      if (!isDiskTrouble(error)) throw error; // it is kept for as long as the program runs
    }
  }
}
