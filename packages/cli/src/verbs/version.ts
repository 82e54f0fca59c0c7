import { readFileSync } from 'node:fs';
import { EXIT } from '../exit-codes.ts';
import type { Output } from '../output.ts';

/** The program's version. */
export function release(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** Prints the program's version, and what runs it. */
export function printVersion(output: Output): number {
  const version = release();
  output.result({ type: 'version', version, node: process.version }, `parley ${version} (Node.js ${process.version})`);
  return EXIT.done;
}
