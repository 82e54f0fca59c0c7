import { readFileSync } from 'node:fs';
import { describeError } from '@parley/client';
import type { SyncCursor } from '@parley/protocol';
import { configFailure } from '../failure.ts';
import { writePrivateFile } from './atomic-file.ts';

/** Reads where an earlier run ended; empty when there is no file yet. Throws a Failure (78) for another file. */
export function readCursorFile(file: string): SyncCursor[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw configFailure(`Cannot read ${file}: ${describeError(error)}.`);
  }
  const cursors = text.trim() === '' ? [] : parseCursors(text);
  if (cursors === undefined) throw configFailure(`${file} is no file of cursors.`, 'Name another file, or remove it.');
  return cursors;
}

/** Keeps where a run stands: old or new content, never half of it. */
export function writeCursorFile(file: string, cursors: readonly SyncCursor[]): void {
  writePrivateFile(file, `${JSON.stringify({ v: 1, cursors })}\n`);
}

function parseCursors(text: string): SyncCursor[] | undefined {
  try {
    const { v, cursors } = JSON.parse(text) as { v?: unknown; cursors?: unknown };
    if (v !== 1 || !Array.isArray(cursors) || !cursors.every(isCursor)) return undefined;
    return cursors.map(({ conversation, seq, tag }) => ({ conversation, seq, tag }));
  } catch {
    return undefined;
  }
}

function isCursor(value: unknown): value is SyncCursor {
  if (typeof value !== 'object' || value === null) return false;
  const { conversation, seq, tag } = value as Partial<SyncCursor>;
  return typeof conversation === 'string' && Number.isSafeInteger(seq) && Number.isSafeInteger(tag);
}
