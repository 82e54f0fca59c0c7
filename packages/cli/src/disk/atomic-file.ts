import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { describeError, makePrivateFolder } from '@parley/client';
import { configFailure } from '../failure.ts';

/**
 * Replaces a file so that whoever reads it, also after a crash or on a full disk, finds the old or the new content.
 * The file is for its owner only (0600), and so is its folder when it is made here (0700). Throws a Failure that
 * names the path.
 */
export function writePrivateFile(file: string, content: string): void {
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    makePrivateFolder(path.dirname(file));
    const handle = openSync(draft, 'wx', 0o600);
    try {
      writeSync(handle, content);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw configFailure(`Cannot write ${file}: ${describeError(error)}.`, 'PARLEY_HOME names another folder.');
  }
}
