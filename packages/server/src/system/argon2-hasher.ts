import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { ChatError } from '../chat/chat-error.ts';
import type { PasswordHasher } from '../chat/ports/password-hasher.ts';
import { type Argon2Hash, formatPhc, parsePhc } from './phc-string.ts';

/**
 * OWASP's first choice for argon2id (Password Storage Cheat Sheet). Measured: 25 ms of one core and 19 MiB each,
 * about 95 a second on two cores.
 */
const COST = { memory: 19_456, passes: 2, parallelism: 1 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** What one hash takes, for telling a refused client when to come back, in milliseconds. */
const HASH_MS = 30;
const SHORTEST_RETRY_MS = 1_000;

export interface HasherLimits {
  /** Hashes at once. They run in libuv's pool of four threads, where files and host names need room as well. */
  readonly concurrency: number;
  /** Those that may wait; more are refused with `busy`. */
  readonly queue: number;
}

const compute = promisify(argon2);

/** Hashes passwords with argon2id, a few at a time. */
export class Argon2Hasher implements PasswordHasher {
  readonly #limits: HasherLimits;
  /** Compared against when there is no user, so that the answer takes as long as for a wrong password. */
  readonly #nobody: Argon2Hash = { ...COST, salt: randomBytes(SALT_BYTES), hash: randomBytes(HASH_BYTES) };
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(limits: HasherLimits) {
    this.#limits = limits;
  }

  async hash(password: string): Promise<string> {
    const salt = randomBytes(SALT_BYTES);
    const hash = await this.#compute(password, { ...COST, salt, hash: this.#nobody.hash });
    return formatPhc({ ...COST, salt, hash });
  }

  async verify(password: string, hash: string | undefined): Promise<boolean> {
    const known = hash === undefined ? undefined : parsePhc(hash);
    const expected = known ?? this.#nobody;
    const actual = await this.#compute(password, expected);
    return timingSafeEqual(actual, expected.hash) && known !== undefined;
  }

  async #compute(password: string, like: Argon2Hash): Promise<Buffer> {
    await this.#enter();
    try {
      return await compute('argon2id', {
        message: Buffer.from(password, 'utf8'),
        nonce: like.salt,
        memory: like.memory,
        passes: like.passes,
        parallelism: like.parallelism,
        tagLength: like.hash.length,
      });
    } finally {
      this.#leave();
    }
  }

  /** Waits for a turn. @throws ChatError `busy` */
  async #enter(): Promise<void> {
    const { concurrency, queue } = this.#limits;
    if (this.#running < concurrency) {
      this.#running += 1;
      return;
    }
    if (this.#waiting.length >= queue) {
      const drainMs = (this.#waiting.length * HASH_MS) / concurrency;
      throw new ChatError('busy', { retryAfterMs: Math.max(SHORTEST_RETRY_MS, Math.round(drainMs)) });
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    await promise;
  }

  /** The turn passes to the next, without a moment in which a newcomer could take it. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  }
}
