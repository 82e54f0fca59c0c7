import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { insist } from '../../src/load/insist.ts';
import { NativeSession } from '../../src/load/native-session.ts';
import { startEmbedded } from '../../src/systems/start-embedded.ts';
import { temporaryFolder } from '../e2e/run-briefly.ts';

const HOUR_MS = 3_600_000;

test('a node whose clock is set an hour ahead dates what it stores by it', async (t) => {
  await using system = await startEmbedded({ folder: temporaryFolder(t) });
  const [node] = system.nodes;
  assert.ok(node);
  const session = await NativeSession.connect(node);
  t.after(() => session.end());
  await insist(session, 'register', { name: 'ann', password: 'correct horse battery', device: 'x' });
  const { conversation: to } = await insist(session, 'createGroup', { name: 'friends', clientId: 'first' });
  let count = 0;
  const aheadMs = async (): Promise<number> => {
    count += 1;
    const { time } = await insist(session, 'send', { to, text: 'hello', clientId: `c${count}` });
    return Number(time) - Date.now();
  };
  assert.ok(Math.abs(await aheadMs()) < HOUR_MS / 2);
  await node.setClock(HOUR_MS);
  while ((await aheadMs()) < HOUR_MS / 2) await sleep(20);
});
