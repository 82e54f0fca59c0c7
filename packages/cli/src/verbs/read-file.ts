import { readFileSync } from 'node:fs';
import { describeError } from '@parley/client';
import { failure } from '../failure.ts';

/** A file that the command line names. Throws a Failure (1) that says why it cannot be read. */
export function readFile(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw failure('failed', 'no_file', `Cannot read ${file}: ${describeError(error)}.`);
  }
}
