import type { UserId } from '@parley/protocol';

/** Who is online on the other nodes, as far as is known; for people to look at, never for a decision. [PRES-1] */
export interface Whereabouts {
  /** Says whether the user has sessions on this node. Never throws and never waits. */
  announce(user: UserId, isHere: boolean): void;
  isElsewhere(user: UserId): boolean;
  /** Sets who is told when a user came to, or has left, all other nodes taken together. */
  listen(onChange: (user: UserId, isElsewhere: boolean) => void): void;
}
