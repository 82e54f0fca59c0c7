import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { unavailable } from '@parley/testkit';

/** A folder of the test's own, gone when it ends. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-rig-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts something that ends with the test; undefined (and the test is skipped, or fails) where it cannot be had. */
export async function started<T extends AsyncDisposable>(
  t: TestContext,
  what: string,
  start: () => Promise<T>,
): Promise<T | undefined> {
  try {
    const server = await start();
    t.after(() => server[Symbol.asyncDispose]());
    return server;
  } catch (error) {
    unavailable(t, what, (error as Error).message);
    return undefined;
  }
}
