import type { Bus, Clock, Guesses, Random, Whereabouts } from '../../chat/ports/index.ts';
import type { Logger } from '../../observe/log.ts';
import { createChannels } from './channels.ts';
import { RedisBus } from './redis-bus.ts';
import type { RedisConnection } from './redis-connection.ts';
import { RedisGuesses } from './redis-guesses.ts';
import { RedisLink } from './redis-link.ts';
import { RedisWhereabouts } from './redis-whereabouts.ts';

export interface RedisOptions {
  /** `redis://user:password@host:port/0`, or `rediss:` for TLS. */
  readonly url: string;
  /** What sets this deployment apart from others in the same Redis: letters, digits, `_`, `.`, `-`. */
  readonly deployment: string;
  /** This run of this node; no other has the same. */
  readonly bootId: string;
  readonly clock: Clock;
  readonly random: Pick<Random, 'fraction'>;
  readonly log: Logger;
}

/** What a node has from Redis, over one connection. */
export interface Redis {
  readonly bus: Bus & { readonly dropped: number };
  readonly whereabouts: Whereabouts;
  readonly guesses: Guesses;
  /** Takes this node's users out at once. */
  close(): Promise<void>;
}

/**
 * Begins to connect, and does so for ever: a node starts and serves without Redis, only slower between nodes.
 * @throws TypeError when an option makes no sense
 */
export function openRedis({ url, deployment, bootId, clock, random, log }: RedisOptions): Redis {
  const channels = createChannels(deployment);
  const link = new RedisLink({ url, clock, random, log });
  const onFailed = (connection: RedisConnection, error: unknown): void => link.fail(connection, error);
  const deps = { channels, node: bootId, clock, log, onFailed };
  const bus = new RedisBus(deps);
  const whereabouts = new RedisWhereabouts(deps);
  const guesses = new RedisGuesses(deps);
  for (const user of [bus, whereabouts, guesses]) link.add(user);
  link.open();
  return {
    bus,
    whereabouts,
    guesses,
    async close() {
      await bus.close();
      await whereabouts.close();
      link.close();
    },
  };
}
