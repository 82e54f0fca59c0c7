import { existsSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';

/** What a cluster writes into its folder. */
const OURS = /^(?:mysql|mariadb|redis|nginx|node-\d+|running\.json)$/;

/**
 * Removes the data of a cluster, if there are any.
 * @throws Error when the folder holds anything else: it may have been named by mistake
 */
export async function wipe(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  const foreign = readdirSync(folder).find((name) => !OURS.test(name));
  if (foreign !== undefined) throw new Error(`--fresh: ${folder} holds ${foreign}, which is not of a cluster`);
  await rm(folder, { recursive: true, force: true });
}
