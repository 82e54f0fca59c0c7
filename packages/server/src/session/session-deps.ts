import type { Chat } from '../chat/chat.ts';
import type { Clock, Random } from '../chat/ports/index.ts';
import type { DeliveryDoor } from '../delivery/peer.ts';
import type { Logger } from '../observe/log.ts';
import type { SessionRegistry } from './session-registry.ts';
import type { Rate } from './token-bucket.ts';

/** What may be set about sessions. */
export interface SessionSettings {
  readonly requestsPerSecond: number;
  readonly requestBurst: number;
  readonly loginTimeoutMs: number;
  readonly maxSessionsPerUser: number;
  readonly classicPaceMs: number;
  readonly classicFullAnswers: boolean;
  /** The release, for `hello`. */
  readonly release: string;
}

/** What all sessions of a node share. */
export interface SessionDeps {
  readonly chat: Chat;
  readonly delivery: DeliveryDoor;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly settings: SessionSettings;
  readonly registry: SessionRegistry;
  /** Requests of one session. */
  readonly rate: Rate;
}
