import type { Seq, Tag, UserId } from '@parley/protocol';
import type { ConversationId, DeviceId, Entry } from './records.ts';

/** What nodes tell each other. All of it is a hint: a lost one is made up for from the store. */
export type BusEvent =
  | {
      /**
       * Entries were committed; the last one is (`seq`, `tag`). `entries` follow the one tagged `prevTag` without a
       * hole; empty: only the end of the log is told.
       */
      readonly kind: 'entries';
      readonly conversation: ConversationId;
      readonly prevTag: Tag;
      readonly entries: readonly Entry[];
      readonly seq: Seq;
      readonly tag: Tag;
    }
  | { /** Rows of these users' private state changed. */ readonly kind: 'users'; readonly users: readonly UserId[] }
  | {
      /** These devices were revoked. */
      readonly kind: 'revoked';
      readonly user: UserId;
      readonly devices: readonly DeviceId[];
    };

/** What events are about. Whoever subscribes to it hears them. */
export type BusTopic =
  | { readonly kind: 'conversation'; readonly id: ConversationId }
  | { readonly kind: 'user'; readonly id: UserId };

/** The one listener of a node. */
export interface BusListener {
  heard(event: BusEvent): void;
  /** Until now events may have been missed: a subscription has just begun to count, or the bus was away. */
  mayHaveMissed(): void;
}

/**
 * Carries events between nodes, at most once, in any order, to those that subscribed to what they are about (and
 * perhaps to others). An event never comes back to the node that published it.
 */
export interface Bus {
  /** Whether anybody else could hear; events need not be made for nobody. */
  readonly hasPeers: boolean;
  /** False while nothing can be heard: then the journal must be asked more often. */
  readonly isUp: boolean;
  /** Events that were not sent, because nothing carried them or it did not keep up; undefined where that cannot be. */
  readonly dropped?: number;
  /** Never throws and never waits; what cannot be sent now is dropped. */
  publish(event: BusEvent): void;
  /** Takes effect some time later, and then says `mayHaveMissed`. Subscribing twice is the same as once. */
  subscribe(topic: BusTopic): void;
  unsubscribe(topic: BusTopic): void;
  /** Sets the listener. */
  listen(listener: BusListener): void;
  close(): Promise<void>;
}
