import { type ChatClient, ClientError } from '@parley/client';

/** How long it is quiet before the server is told, in milliseconds. */
const DELAY_MS = 500;

/** How far each chat was read and the server does not know yet: told when it has been quiet for a moment. [POS-1] */
export class ReadMarks {
  readonly #client: Pick<ChatClient, 'request'>;
  readonly #untold = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(client: Pick<ChatClient, 'request'>) {
    this.#client = client;
  }

  mark(conversation: string, seq: number): void {
    this.#untold.set(conversation, seq);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.tell(), DELAY_MS);
  }

  /** Tells it now. What no answer comes to is told again the next time: positions only move forward. */
  tell(): void {
    clearTimeout(this.#timer);
    for (const [conversation, seq] of this.#untold) {
      const told = (): void => {
        if (this.#untold.get(conversation) === seq) this.#untold.delete(conversation);
      };
      this.#client.request('read', { conversation, seq }).then(told, (error: unknown) => {
        if (error instanceof ClientError && error.kind === 'refused') told();
      });
    }
  }
}
