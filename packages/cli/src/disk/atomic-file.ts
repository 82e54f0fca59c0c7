import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describeError, makePrivateFolder } from '@parley/client';
import { configFailure } from '../failure.ts';

/** Replaces a file that is for its owner only (0600). Throws a Failure that names the path. */
export function writePrivateFile(file: string, content: string): void {
  replaceFile(file, content, 0o600);
}

/**
 * Replaces a file so that whoever reads it, also after a crash or on a full disk, finds the old or the new content. Its
 * folder is for its owner only (0700) when it is made here. Throws a Failure that names the path.
 */
export function replaceFile(file: string, content: string, mode: number): void {
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    makePrivateFolder(path.dirname(file));
    const handle = openSync(draft, 'wx', mode);
    try {
      writeFileSync(handle, content);
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
