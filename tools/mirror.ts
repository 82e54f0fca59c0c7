import path from 'node:path';
import type { Files } from './repository.ts';

/** Tests of a whole scenario, which belong to no single file. */
const SCENARIOS = /^packages\/[^/]+\/test\/(e2e|guarantees|scenarios)\//;

/**
 * Tests mirror the sources: test/net/connection.test.ts tests src/net/connection.ts. What stands between the name and
 * `.test.ts` says what the test needs or how it goes about it (connection.fuzz.test.ts).
 */
export function checkMirror(files: Files): string[] {
  return [...files.keys()].flatMap((file) => {
    if (!file.endsWith('.test.ts') || SCENARIOS.test(file)) return [];
    const tested = sourceOf(file);
    if (tested.some((name) => files.has(name))) return [];
    return [`${file}: there is no ${tested[0]}; a test of a whole scenario belongs in test/e2e or test/guarantees`];
  });
}

function sourceOf(test: string): string[] {
  const folder = path.posix.dirname(test);
  const sources = folder.replace(/\/test(?=\/|$)/, folder.startsWith('tools/') ? '' : '/src');
  const name = path.posix.basename(test).split('.')[0] ?? '';
  return ['.ts', '.cjs'].map((ending) => path.posix.join(sources, name + ending));
}
