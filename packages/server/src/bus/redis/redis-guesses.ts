import type { Guesses } from '../../chat/ports/index.ts';
import { BUS_VERSION, isId, parseArray } from './bus-message.ts';
import type { Channels } from './channels.ts';
import type { RedisConnection } from './redis-connection.ts';
import type { LinkUser } from './redis-link.ts';

export interface RedisGuessesDeps {
  readonly channels: Channels;
  readonly node: string;
}

/** What Redis may not have answered yet; more are not told. */
const MAX_UNANSWERED = 1_000;
/** Of an account's key or a network, in UTF-16 units. */
const MAX_TEXT = 256;

/** Wrong passwords, told over one channel that all nodes hear: there are few, for each costs its node a hash. */
export class RedisGuesses implements Guesses, LinkUser {
  readonly #deps: RedisGuessesDeps;
  #connection: RedisConnection | undefined;
  #unanswered = 0;
  #heard: (account: string | number, network: string) => void = () => {};

  constructor(deps: RedisGuessesDeps) {
    this.#deps = deps;
  }

  tell(account: string | number, network: string): void {
    const connection = this.#connection;
    if (connection === undefined || this.#unanswered >= MAX_UNANSWERED) return;
    this.#unanswered += 1;
    const message = `${BUS_VERSION}${JSON.stringify([this.#deps.node, account, network])}`;
    const answered = (): void => {
      if (this.#connection === connection) this.#unanswered -= 1;
    };
    connection.sendCommand(['SPUBLISH', this.#deps.channels.guesses, message]).then(answered, answered);
  }

  listen(heard: (account: string | number, network: string) => void): void {
    this.#heard = heard;
  }

  async connected(connection: RedisConnection): Promise<void> {
    this.#connection = connection;
    await connection.sSubscribe([this.#deps.channels.guesses], (message) => this.#receive(message));
  }

  lost(): void {
    this.#connection = undefined;
    this.#unanswered = 0;
  }

  #receive(message: string): void {
    if (!message.startsWith(BUS_VERSION)) return;
    const [node, account, network] = parseArray(message) ?? [];
    if (node === this.#deps.node || !(isId(account) || isShort(account)) || !isShort(network)) return;
    this.#heard(account, network);
  }
}

function isShort(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_TEXT;
}
