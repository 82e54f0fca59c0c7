import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ServerProcess } from '../src/server-process.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A program that does nothing until it is ended. */
async function startIdle(t: TestContext): Promise<ServerProcess> {
  const command = [process.execPath, '-e', 'setInterval(() => {}, 1_000)'];
  const recipe = { name: 'idle', command, folder: temporaryFolder(t), port: 1, url: '' };
  const server = await ServerProcess.start({ ...recipe, isReady: async () => true });
  t.after(() => server.stop());
  return server;
}

test('a server that was frozen stands still, and one that was not is not waited for without end', async (t) => {
  const server = await startIdle(t);
  await assert.rejects(server.untilFrozen(20), /idle does not stand still/);
  server.freeze();
  await server.untilFrozen();
  server.thaw();
  await assert.rejects(server.untilFrozen(20), /idle does not stand still/);
});
