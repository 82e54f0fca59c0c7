import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { unavailable } from '@parley/testkit';
import { debianPackage } from '../../../rig/src/index.ts';
import { newUser } from './embedded-node.ts';
import { RealNode, temporaryFolder } from './real-node.ts';
import { type AckTrace, readAckTrace } from './trace.ts';

const SENDS = 20;
const CALLS = 'trace=fsync,fdatasync,write,writev,pwrite64,pwritev,sendmsg,sendto';

test('[SEND-1] the write-ahead log is synced before an acknowledgement goes to its socket', async (t) => {
  const strace = await findStrace(t);
  if (strace === undefined) return;
  assert.deepEqual(await traceSends(t, strace), { acks: SENDS, unsynced: 0 });
});

test('[SEND-1] a server that does not wait for its disk is caught by the same trace', async (t) => {
  const strace = await findStrace(t);
  if (strace === undefined) return;
  const preload = pathToFileURL(path.join(import.meta.dirname, 'fixtures/without-sync.ts')).href;
  assert.deepEqual(await traceSends(t, strace, ['--import', preload]), { acks: SENDS, unsynced: SENDS });
});

/** Sends one after the other to a server under strace. */
async function traceSends(t: TestContext, strace: string, nodeOptions: readonly string[] = []): Promise<AckTrace> {
  const file = path.join(temporaryFolder(t), 'trace');
  // -D: the tracer is in the background, so that the server keeps its process id.
  const under = [strace, '-D', '-f', '-y', '-s', '400', '-o', file, '-e', CALLS];
  const node = await RealNode.start(t, { under, nodeOptions });
  const ann = await newUser(node.port, 'ann');
  await ann.get('createGroup', { name: 'notes', clientId: 'make' });
  for (let count = 1; count <= SENDS; count += 1) {
    await ann.get('send', { to: '#notes', text: `to remember ${count}`, clientId: `a-${count}` });
  }
  ann.close();
  assert.equal(await node.stop(), 0);
  // strace pads short process ids with spaces.
  const ended = new RegExp(`^${node.process.pid} +\\+\\+\\+ exited with 0`, 'm');
  return readAckTrace(await untilWritten(file, ended));
}

/** The tracer may be at its last lines when the server has ended. */
async function untilWritten(file: string, end: RegExp): Promise<string> {
  for (let tries = 0; tries < 500; tries += 1) {
    const text = readFileSync(file, 'utf8');
    if (end.test(text)) return text;
    await sleep(10);
  }
  throw new Error(`the trace does not have ${end}`);
}

async function findStrace(t: TestContext): Promise<string | undefined> {
  const found = await debianPackage('strace');
  const missing = 'missing' in found ? found.missing : mayNotTrace(found.file);
  if (missing !== undefined) {
    unavailable(t, 'strace', missing);
    return undefined;
  }
  return 'file' in found ? found.file : undefined;
}

function mayNotTrace(strace: string): string | undefined {
  const tried = spawnSync(strace, ['-o', '/dev/null', 'true']);
  return tried.status === 0 ? undefined : 'it may not trace other programs here';
}
