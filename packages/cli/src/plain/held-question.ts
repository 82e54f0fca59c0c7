import type { Outbox, OutboxItem } from '@parley/client';
import { ago, safe } from '../entries.ts';
import { count } from './lines.ts';

/** Where the question is put. */
export interface QuestionView {
  print(text: string): void;
  /** What a place that was written to is called. */
  labelOf(to: string): string;
  /** Someone is there to answer. */
  readonly canAsk: boolean;
}

type Answer = 'yes' | 'no' | 'show';

const ANSWERS: Readonly<Record<string, Answer>> = { y: 'yes', yes: 'yes', n: 'no', no: 'no', s: 'show', show: 'show' };

/** Asks about messages that waited too long to be sent without a word: too late may be worse than not at all. */
export class HeldQuestion {
  readonly #outbox: Outbox | undefined;
  readonly #view: QuestionView;
  /** Those that are asked about. */
  #asked: readonly OutboxItem[] = [];

  constructor(outbox: Outbox | undefined, view: QuestionView) {
    this.#outbox = outbox;
    this.#view = view;
  }

  /** Asks, once, when there is something to ask. */
  ask(): void {
    const held = this.#outbox?.held() ?? [];
    const [oldest] = held;
    if (oldest === undefined) return;
    const wait = ago(oldest.createdMs, Date.now()).replace(' ago', '');
    const what = `${count(held.length, 'message')} waited longer than 10 minutes (${wait}).`;
    if (this.#view.canAsk) this.#asked = held;
    this.#view.print(
      this.#view.canAsk
        ? `${what} Send now? y sends, n drops, show lists them.`
        : `${what} /outbox shows them, /retry sends, /drop forgets.`,
    );
  }

  /** Takes a line for the answer, if it is one. Every other line puts the question aside: /outbox has them. */
  async answer(line: string): Promise<boolean> {
    const [outbox, asked] = [this.#outbox, this.#asked];
    if (outbox === undefined || asked.length === 0 || line.trim() === '') return false;
    const word = line.trim().toLowerCase();
    const answer = Object.hasOwn(ANSWERS, word) ? ANSWERS[word] : undefined;
    if (answer !== 'show') this.#asked = [];
    if (answer === 'yes') outbox.retry(asked.map(({ clientId }) => clientId));
    else if (answer === 'no') await this.#drop(outbox, asked);
    else if (answer === 'show') this.#show(asked);
    else this.#view.print('Still waiting: /outbox shows them, /retry sends, /drop forgets.');
    return answer !== undefined;
  }

  #show(asked: readonly OutboxItem[]): void {
    const lines = asked.map(({ to, text }, index) => `${index + 1} ${safe(this.#view.labelOf(to))}: ${safe(text)}`);
    this.#view.print(`${lines.join('\n')}\nSend now? y sends, n drops.`);
  }

  /** What is dropped is told once more: it is nowhere else. */
  async #drop(outbox: Outbox, asked: readonly OutboxItem[]): Promise<void> {
    for (const { clientId, to, text } of asked) {
      const outcome = await outbox.drop(clientId);
      const what = outcome === 'dropped' ? 'Dropped' : 'Too late, it was sent';
      this.#view.print(`${what}: ${safe(this.#view.labelOf(to))}: ${safe(text)}`);
    }
  }
}
