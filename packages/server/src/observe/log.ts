import { type DestinationStream, pino } from 'pino';
import type { LogLevel } from '../config.ts';

/**
 * What a line may say besides its text: who and what, by number. There is no field for bodies, names typed by users,
 * passwords or tokens, and none may be put into the text.
 */
export interface LogFields {
  /** Number of a connection of this process. */
  readonly connection?: number;
  readonly user?: number;
  readonly device?: number;
  /** A conversation's address: `g7`. */
  readonly conversation?: string;
  /** One entry: `g7/1042`. */
  readonly message?: string;
  readonly address?: string;
  readonly port?: number;
  readonly count?: number;
  readonly ms?: number;
  readonly code?: string;
  /** Why, in words of ours or of a library. */
  readonly reason?: string;
  /** An error of ours or of a library; its message and stack are logged. */
  readonly err?: unknown;
}

/** A log of one part of the server. Lines are JSON, so that nothing a peer sends can forge one. */
export interface Logger {
  debug(fields: LogFields, text: string): void;
  info(fields: LogFields, text: string): void;
  warn(fields: LogFields, text: string): void;
  error(fields: LogFields, text: string): void;
  /** The same log with these fields in every line. */
  child(fields: LogFields): Logger;
}

/** Lines that wait for a reader of stderr that has stopped; beyond that they are dropped, not the server stopped. */
const UNWRITTEN_BYTES = 1_048_576;

/**
 * Writes JSON lines to `destination`, to file descriptor 2 when there is none given. Not waited for, because a pipe
 * that nobody empties would stop the server; pino flushes when the process exits. A full disk or a closed pipe behind
 * stderr is ignored.
 */
export function createLog(level: LogLevel, destination?: DestinationStream): Logger {
  return pino(
    { level, base: null, messageKey: 'text', timestamp: pino.stdTimeFunctions.isoTime },
    destination ?? standardError(),
  );
}

/** A log that keeps nothing, for tests and tools. */
export const SILENT_LOG: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => SILENT_LOG,
};

function standardError(): DestinationStream {
  const destination = pino.destination({ fd: 2, sync: false, maxLength: UNWRITTEN_BYTES });
  // EPIPE, EIO, ENOSPC: a log that cannot be written is no reason to stop a server that can serve.
  destination.on('error', () => {});
  return destination;
}
