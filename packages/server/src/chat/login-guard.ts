import { BoundedCache } from './bounded-cache.ts';
import { ChatError } from './chat-error.ts';
import type { Clock, Guesses } from './ports/index.ts';

/** Pairs of account and address that are remembered. Forgetting one costs an attacker's address another attempt. */
const REMEMBERED = 50_000;
/** An address may fail this many times as often as one account from it. */
const ADDRESS_FACTOR = 10;
const MINUTE_MS = 60_000;

interface Bucket {
  left: number;
  atMs: number;
}

/**
 * Slows the guessing of passwords: wrong ones for one account from one address, and from one address altogether.
 * Nobody else waits for it, so an account's owner is never locked out. Loopback is not watched: behind a proxy that
 * hides addresses it would be one address for everybody. [AUTH-2]
 */
export class LoginGuard {
  readonly #clock: Clock;
  readonly #perMinute: number;
  readonly #guesses: Guesses | undefined;
  readonly #buckets = new BoundedCache<string, Bucket>(REMEMBERED);

  /** `guesses`: what is counted here counts on the other nodes too, and theirs here. */
  constructor(clock: Clock, failuresPerMinute: number, guesses?: Guesses) {
    this.#clock = clock;
    this.#perMinute = failuresPerMinute;
    this.#guesses = guesses;
    guesses?.listen((account, network) => this.#count(account, network));
  }

  /** @throws ChatError rate_limited, with the wait, before any work is done */
  assertAllowed(account: string | number, from: Origin): void {
    if (from.isLoopback) return;
    for (const [key, capacity] of this.#keys(account, networkOf(from.address))) {
      const bucket = this.#bucket(key, capacity);
      if (bucket.left < 1) {
        throw new ChatError('rate_limited', { retryAfterMs: Math.ceil(((1 - bucket.left) * MINUTE_MS) / capacity) });
      }
    }
  }

  failed(account: string | number, from: Origin): void {
    if (from.isLoopback) return;
    const network = networkOf(from.address);
    this.#count(account, network);
    this.#guesses?.tell(account, network);
  }

  #count(account: string | number, network: string): void {
    for (const [key, capacity] of this.#keys(account, network)) this.#bucket(key, capacity).left -= 1;
  }

  #keys(account: string | number, network: string): [string, number][] {
    return [
      [`${account} ${network}`, this.#perMinute],
      [network, this.#perMinute * ADDRESS_FACTOR],
    ];
  }

  #bucket(key: string, capacity: number): Bucket {
    const now = this.#clock.monotonic();
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      bucket = { left: capacity, atMs: now };
      this.#buckets.set(key, bucket);
    }
    bucket.left = Math.min(capacity, bucket.left + ((now - bucket.atMs) * capacity) / MINUTE_MS);
    bucket.atMs = now;
    return bucket;
  }
}

/** Where a log-in comes from. */
export interface Origin {
  readonly address: string;
  readonly isLoopback: boolean;
}

/** Addresses of IPv6 are handed out by /64: whoever has one has 2^64 of them. */
function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const [front = [], back = []] = address.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  const zeros = Array.from({ length: 8 - front.length - back.length }, () => '0');
  return [...front, ...zeros, ...back]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
