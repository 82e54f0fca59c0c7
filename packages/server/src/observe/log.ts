import { constants, fstatSync, openSync } from 'node:fs';
import { type DestinationStream, pino } from 'pino';
import type { LogLevel } from '../config.ts';
import { LineWriter } from './line-writer.ts';

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
 * that nobody empties would stop the server; the rest is written when the process exits. A full disk or a closed pipe
 * behind stderr is ignored.
 */
export function createLog(level: LogLevel, destination?: DestinationStream): Logger {
  return pino(
    { level, base: null, messageKey: 'text', timestamp: pino.stdTimeFunctions.isoTime },
    destination ?? (standardError ??= openStandardError()),
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

/** One for all logs of the process. Not the library's: at the end it tries for ever what fails, and the process stays. */
let standardError: LineWriter | undefined;

function openStandardError(): LineWriter {
  const writer = new LineWriter(withoutWaiting(2), UNWRITTEN_BYTES);
  process.on('exit', () => writer.flush());
  return writer;
}

/** A process does not end while a write waits for the reader of a pipe. Where it can be had, the same pipe without that. */
function withoutWaiting(fd: number): number {
  try {
    if (fstatSync(fd).isFIFO()) return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    // Not on every system, and not for every user.
  }
  return fd;
}
