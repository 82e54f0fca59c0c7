import type { Bus, Clock, Random, Whereabouts } from '../../chat/ports/index.ts';
import type { Logger } from '../../observe/log.ts';
import { createChannels } from './channels.ts';
import { RedisBus } from './redis-bus.ts';
import type { RedisConnection } from './redis-connection.ts';
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
  const deps = { channels, node: bootId, clock, log };
  const bus = new RedisBus({ ...deps, onFailed });
  const whereabouts = new RedisWhereabouts(deps);
  link.add(bus);
  link.add(whereabouts);
  link.open();
  return {
    bus,
    whereabouts,
    async close() {
      await bus.close();
      await whereabouts.close();
      link.close();
    },
  };
}
