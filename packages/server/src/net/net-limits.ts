/** Bounds of a listener and its connections; sizes in bytes. */
export interface NetLimits {
  /** One inbound frame. */
  readonly frameBytes: number;
  /**
   * The mark of a connection's write queue, what the socket holds included. Above it `write` answers false; below
   * half of it `onDrained` follows; at four times it the connection is destroyed. At least WRITE_QUEUE_FLOOR_BYTES.
   */
  readonly queueBytes: number;
  /** Connections at once; more are closed as they come. */
  readonly connections: number;
  /** The same for one address that is not loopback. */
  readonly connectionsPerAddress: number;
  /** How long a peer may read nothing while something is queued for it. */
  readonly stuckMs: number;
  /** How long an ended connection may take to send its rest and to hear the peer's end. */
  readonly endMs: number;
}

/** Bytes that a socket takes before it says that it is full. */
export const SOCKET_BUFFER_BYTES = 16_384;

/** Half of a queue must be more than a socket's own buffer, or the socket would never tell that it has drained. */
export const WRITE_QUEUE_FLOOR_BYTES = 4 * SOCKET_BUFFER_BYTES;
