import { mkdirSync } from 'node:fs';
import path from 'node:path';

/**
 * Makes a folder, and what is missing above it, for its owner only. One level at a time: the recursive mkdir of
 * Node.js 26 never ends on a file system that refuses every folder as not there (/proc).
 */
export function makePrivateFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    const parent = path.dirname(folder);
    if (code !== 'ENOENT' || parent === folder) throw error;
    makePrivateFolder(parent);
    mkdirSync(folder, { mode: 0o700 });
  }
}
