import type { HistoryWriter } from '../history/history-writer.ts';
import type { Device } from './device.ts';

/** A user with the devices it has now, and what it believes of its own memberships and blocks. */
export interface Person {
  readonly id: number;
  readonly name: string;
  readonly devices: Device[];
  /** Conversations of two that it uses. */
  readonly pairs: string[];
  readonly peers: number[];
  /** Groups that it may be in, and those that it thinks it is in. */
  readonly groups: string[];
  readonly memberOf: Set<string>;
  /** Groups that it owns: there it stays, and puts others out. */
  readonly owns: Set<string>;
  readonly blocked: Set<number>;
  isBusy: boolean;
}

/** What everyone in a crowd shares. */
export interface Crowded {
  readonly history: HistoryWriter;
  readonly newId: () => string;
}
