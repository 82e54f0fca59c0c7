import type { ServerAddress } from './server-address.ts';

/** A byte stream to a server. */
export interface Transport {
  /** Queues bytes; what is written in one turn of the event loop may leave together. */
  write(bytes: Uint8Array): void;
  /** Bytes that were written and have not left. */
  readonly queuedBytes: number;
  /** Sends what is queued, then ends the stream. `onClose` follows. */
  end(): void;
  /** Drops everything at once. `onClose` follows. */
  destroy(): void;
}

/** What a transport tells its owner. */
export interface TransportListener {
  onBytes(bytes: Uint8Array): void;
  /** The stream is over; said once. `error` when it did not end in order. */
  onClose(error: Error | undefined): void;
}

/** Opens a stream. Rejects with a ClientError of kind `unreachable`, whose text names every address that was tried. */
export type Dial = (address: ServerAddress, listener: TransportListener, signal: AbortSignal) => Promise<Transport>;
