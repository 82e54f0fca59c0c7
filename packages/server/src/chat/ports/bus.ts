import type { Seq, Tag, UserId } from '@parley/protocol';
import type { ConversationId, DeviceId, Entry } from './records.ts';

/** What nodes tell each other. All of it is a hint: a lost one is made up for from the store. */
export type BusEvent =
  | {
      /** Entries were committed. `entries` follow the entry tagged `prevTag` without a hole; empty: only the head is told. */
      readonly kind: 'entries';
      readonly conversation: ConversationId;
      readonly prevTag: Tag;
      readonly entries: readonly Entry[];
      readonly seq: Seq;
    }
  | { /** Rows of these users' private state changed. */ readonly kind: 'users'; readonly users: readonly UserId[] }
  | {
      /** These devices were revoked. */
      readonly kind: 'revoked';
      readonly user: UserId;
      readonly devices: readonly DeviceId[];
    };

/** Carries events between nodes, at most once, in any order. An event never comes back to the node that published it. */
export interface Bus {
  /** Whether anybody else could hear; events need not be made for nobody. */
  readonly hasPeers: boolean;
  /** Never throws and never waits. */
  publish(event: BusEvent): void;
  /** Sets the one listener of this node. */
  listen(onEvent: (event: BusEvent) => void): void;
  close(): Promise<void>;
}
