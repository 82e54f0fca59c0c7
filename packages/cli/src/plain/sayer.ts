/** `now`; `idle`: when nobody is typing; `on-enter`: when the next line is entered. */
export const SAY_WHEN = ['now', 'idle', 'on-enter'] as const;
export type SayWhen = (typeof SAY_WHEN)[number];

/** Who has typed nothing for so long pauses, in milliseconds. */
const PAUSE_MS = 2_000;

/** Holds lines that come in while someone types, until it suits; a screen reader would speak into the typing. */
export class Sayer {
  readonly #when: SayWhen;
  readonly #write: (text: string) => void;
  #held: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** Something is typed that is not entered. */
  #isTyping = false;
  /** A line may be entered; else one is being carried out, and what comes is its answer. */
  #isPrompted = false;

  constructor(when: SayWhen, write: (text: string) => void) {
    this.#when = when;
    this.#write = write;
  }

  say(text: string): void {
    const isHeld = this.#when === 'on-enter' ? this.#isPrompted : this.#when === 'idle' && this.#isTyping;
    if (isHeld) this.#held.push(text);
    else this.#write(text);
  }

  prompted(): void {
    this.#isPrompted = true;
  }

  typed(text: string): void {
    this.#isTyping = text !== '';
    clearTimeout(this.#timer);
    if (this.#when !== 'idle') return;
    if (this.#isTyping) this.#timer = setTimeout(() => this.#pause(), PAUSE_MS);
    else this.#release();
  }

  entered(): void {
    this.#isPrompted = false;
    clearTimeout(this.#timer);
    this.#isTyping = false;
    this.#release();
  }

  /** Nothing is held any longer. */
  end(): void {
    this.entered();
  }

  #pause(): void {
    this.#isTyping = false;
    this.#release();
  }

  #release(): void {
    const held = this.#held;
    this.#held = [];
    if (held.length > 0) this.#write(held.join('\n'));
  }
}
