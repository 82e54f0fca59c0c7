import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The clone's folder. */
export const ROOT = path.join(import.meta.dirname, '..');

/** Path from the root, with `/` → text. */
export type Files = ReadonlyMap<string, string>;

/** A check looks at files and says what is wrong, one line per finding; an empty list means all is well. */
export type Check = (files: Files) => string[];

const OURS = ['packages/*/{src,test,bin}/**/*.{ts,cjs}', 'tools/**/*.{ts,cjs}', 'docs/**/*.md'];

/** Reads every source, test and document of the repository. */
export function readRepository(root = ROOT): Files {
  const names = globSync(OURS, { cwd: root, exclude: ['**/node_modules/**'] }).toSorted();
  return new Map(names.map((name) => [name, readFileSync(path.join(root, name), 'utf8')]));
}
