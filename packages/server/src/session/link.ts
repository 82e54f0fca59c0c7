/** One peer's connection as a session sees it: frames in, frames out. The socket behind it is net's business. */
export interface Link {
  /** Number of the connection on this node, for the log. */
  readonly id: number;
  /** The client's own address, as far as known (behind a trusted proxy: the one that the proxy tells). */
  readonly remoteAddress: string;
  readonly isLoopback: boolean;
  /**
   * Queues a frame. Frames of one tick leave in one write. False: more is queued than the mark; `drained` follows
   * when there is room again. Frames after `end` are dropped.
   */
  write(frame: Buffer): boolean;
  /**
   * Sends each frame in a write of its own, at least `paceMs` after the one before (the classic dialect's peers
   * lose what arrives together). Same answer as `write`.
   */
  writePaced(frame: Buffer, paceMs: number): boolean;
  /** All that was written has been handed to the system. */
  readonly isFlushed: boolean;
  /** Stops and starts reading, to make a peer wait whose requests cannot be taken yet. */
  pause(): void;
  resume(): void;
  /** Peers that are silent for this long are ended with `onSilent`; undefined: only TCP keep-alive watches. */
  expectWithin(silenceMs: number | undefined): void;
  /** Sends what is queued, then ends the connection; destroys it when that takes too long. */
  end(): void;
}

/** What a link tells its session. */
export interface LinkListener {
  /** One well-formed frame as text (not yet parsed), and the byte that ended it. */
  onFrame(text: string, terminator: 'lf' | 'nul'): void;
  /** A frame that is not UTF-8 (`badUtf8`), or one beyond the limit (`tooLong`: nothing more can be read). */
  onBadFrame(kind: 'badUtf8' | 'tooLong'): void;
  onDrained(): void;
  /** Nothing was heard for the time given to `expectWithin`. */
  onSilent(): void;
  /** The peer has read nothing for too long while something is queued. */
  onStuck(): void;
  /** The peer will send no more, but may still read: answer what was asked, then `end`. */
  onPeerEnded(): void;
  /** The connection is gone. `clean`: the peer ended it in order, after all that was written was sent. */
  onClosed(clean: boolean): void;
}

/** Makes the session of a new connection. */
export type OpenSession = (link: Link) => LinkListener;
