import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';

/** Only its owner may look into a folder that we make: it holds everybody's messages. */
const FOLDER_MODE = 0o700;

/**
 * Makes a folder, and what is missing above it. One level at a time: the recursive mkdir of Node.js 26 never ends on a
 * file system that refuses every folder as not there (/proc).
 */
export function makePrivateFolder(folder: string): void {
  if (isFolder(folder)) return;
  const parent = path.dirname(folder);
  if (parent !== folder) makePrivateFolder(parent);
  try {
    mkdirSync(folder, { mode: FOLDER_MODE });
  } catch (error) {
    // Another server that starts may have made it just now.
    if (!isFolder(folder)) throw error;
  }
}

function isFolder(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isDirectory() === true;
}
