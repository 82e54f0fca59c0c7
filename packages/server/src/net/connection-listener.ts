import type { Connection } from './connection.ts';

/** What a connection tells its owner. Nothing is told before `OpenConnection` has returned. */
export interface ConnectionListener {
  /** One well-formed frame as text (not yet parsed), and the byte that ended it. */
  onFrame(text: string, terminator: 'lf' | 'nul'): void;
  /** A frame that is not UTF-8 (`badUtf8`), or one beyond the limit (`tooLong`: nothing more can be read). */
  onBadFrame(kind: 'badUtf8' | 'tooLong'): void;
  /** After `write` answered false: less than half of the mark is queued. */
  onDrained(): void;
  /** Nothing was heard for the time given to `expectWithin`. Told again after as long a time. */
  onSilent(): void;
  /** The peer has taken nothing for `stuckMs` while something is queued. Told again every second. */
  onStuck(): void;
  /**
   * The peer will send no more, but may still read (a script that pipes its requests in). The owner answers what it
   * was asked and calls `end`; after `endMs` the connection is cut.
   */
  onPeerEnded(): void;
  /** The connection is gone. `clean`: the peer ended it in order, after all that was written was sent. Once. */
  onClosed(clean: boolean): void;
}

/** Makes the owner of a new connection. */
export type OpenConnection = (connection: Connection) => ConnectionListener;
