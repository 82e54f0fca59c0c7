import type { BusTopic } from '../../chat/ports/index.ts';

/** Names of everything that a deployment has in Redis. Several deployments may share one. */
export interface Channels {
  readonly ofTopic: (topic: BusTopic) => string;
  readonly presence: string;
  readonly guesses: string;
  /** Leases of all nodes. */
  readonly leases: string;
  /** The set of the users who are on a node. */
  usersOf(node: string): string;
}

const PLAIN = /^[\w.-]{1,64}$/;

/**
 * Those of presence share a hash slot, for one script touches several of them.
 * @throws TypeError when the deployment's id could be mistaken for something else
 */
export function createChannels(deployment: string): Channels {
  if (!PLAIN.test(deployment)) throw new TypeError(`not the id of a deployment: ${JSON.stringify(deployment)}`);
  const [conversation, user] = [`parley:${deployment}:c:`, `parley:${deployment}:u:`];
  const presence = `parley:{${deployment}}:`;
  return {
    ofTopic: ({ kind, id }) => (kind === 'conversation' ? `${conversation}${id}` : `${user}${id}`),
    presence: `${presence}presence`,
    guesses: `parley:${deployment}:guesses`,
    leases: `${presence}leases`,
    usersOf: (node) => `${presence}users:${node}`,
  };
}
