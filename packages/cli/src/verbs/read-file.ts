import { constants, createReadStream, fstatSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { addAbortSignal, type Readable } from 'node:stream';
import { describeError } from '@parley/client';
import { failure } from '../failure.ts';

/**
 * A file that the command line names, as it is read. Throws a Failure (1) that says why it cannot be, and the signal's
 * reason when that is aborted.
 */
export async function* readFile(file: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* addAbortSignal(signal, openFile(file));
  } catch (error) {
    signal.throwIfAborted();
    throw failure('failed', 'no_file', `Cannot read ${file}: ${describeError(error)}.`);
  }
}

/**
 * A named pipe that nobody writes to is waited for as a socket: a thread that waits for it in `open` could not be
 * called back, not even by the end of the program.
 */
function openFile(file: string): Readable {
  const fd = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  return fstatSync(fd).isFIFO() ? new Socket({ fd, readable: true, writable: false }) : createReadStream(file, { fd });
}
