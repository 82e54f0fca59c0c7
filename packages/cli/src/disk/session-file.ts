import { closeSync, fstatSync, openSync, readFileSync, unlinkSync } from 'node:fs';
import path from 'node:path';
import { describeError } from '@parley/client';
import type { UserRef } from '@parley/protocol';
import { configFailure } from '../failure.ts';
import { writePrivateFile } from './atomic-file.ts';

/** A profile's log-in, as session.json holds it. */
export interface SavedSession {
  /** Where the token is valid; it is never told to another server. */
  readonly server: string;
  readonly user: UserRef;
  readonly device: number;
  /** Secret. */
  readonly token: string;
}

const FILE = 'session.json';

/**
 * Reads a profile's session; undefined when it has none. Throws a Failure (78) when the file cannot be read, is no
 * session, or can be read by others: then the token may be in other hands.
 */
export function readSession(folder: string): SavedSession | undefined {
  const file = path.join(folder, FILE);
  const text = readPrivately(file);
  if (text === undefined) return undefined;
  const session = parseSession(text);
  if (session === undefined) throw configFailure(`${file} is damaged.`, 'Remove it and log in again: parley login');
  return session;
}

/** Keeps a session: old or new content, never half of it. */
export function writeSession(folder: string, session: SavedSession): void {
  writePrivateFile(path.join(folder, FILE), `${JSON.stringify({ v: 1, ...session }, undefined, 2)}\n`);
}

/**
 * Forgets the token on this machine only; the server still takes it. Nothing happens when there is no session. Throws a
 * Failure (78) when the file cannot be removed.
 */
export function removeSession(folder: string): void {
  const file = path.join(folder, FILE);
  try {
    unlinkSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw configFailure(
      `The log-in has ended, but cannot be forgotten: cannot remove ${file}: ${describeError(error)}.`,
    );
  }
}

function readPrivately(file: string): string | undefined {
  let handle: number;
  try {
    handle = openSync(file, 'r');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw configFailure(`Cannot read ${file}: ${describeError(error)}.`);
  }
  try {
    const { mode } = fstatSync(handle);
    if ((mode & 0o077) !== 0) {
      const octal = (mode & 0o777).toString(8).padStart(4, '0');
      throw configFailure(`${file} can be read by others (mode ${octal}).`, `Run: chmod 600 '${file}'`);
    }
    return readFileSync(handle, 'utf8');
  } finally {
    closeSync(handle);
  }
}

function parseSession(text: string): SavedSession | undefined {
  let value: Partial<SavedSession> | null;
  try {
    value = JSON.parse(text) as Partial<SavedSession> | null;
  } catch {
    return undefined;
  }
  const { server, user, device, token } = value ?? {};
  if (typeof server !== 'string' || typeof token !== 'string' || typeof device !== 'number') return undefined;
  if (typeof user?.id !== 'number' || typeof user.name !== 'string') return undefined;
  return { server, user: { id: user.id, name: user.name }, device, token };
}
