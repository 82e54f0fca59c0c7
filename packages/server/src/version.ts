import { readFileSync } from 'node:fs';
import path from 'node:path';

/** The release, from the package's own package.json: beside src in a clone, beside dist when published. */
export function version(): string {
  const file = path.join(import.meta.dirname, '../package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
