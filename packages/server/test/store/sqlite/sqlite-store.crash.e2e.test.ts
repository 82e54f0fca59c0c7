import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Seq } from '@parley/protocol';
import { SeededRandom, unavailable } from '@parley/testkit';
import type { ConversationId } from '../../../src/chat/ports/records.ts';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import { Child, canStrace } from './child.ts';
import { temporaryFolder } from './test-store.ts';

const PAGE = { entries: 1_000_000, bytes: 1_000_000_000 };

/** Everything that was answered is there, and the log has no hole. Returns how many batches were answered. */
async function assertAllThere(file: string, stdout: string): Promise<number> {
  const lines = stdout.slice(0, stdout.lastIndexOf('\n')).split('\n');
  const conversation = Number(lines[0]?.split(' ')[1]) as ConversationId;
  const answered = lines.filter((line) => line.startsWith('done '));
  const store = await openSqliteStore({ file });
  const { entries, head } = await store.readForward(conversation, 1 as Seq, PAGE);
  await store.close();
  assert.deepEqual(
    entries.map(({ seq }) => seq),
    Array.from({ length: head.seq }, (_, index) => index + 1),
  );
  const stored = new Set(entries.map(({ seq, tag }) => `${seq}:${tag}`));
  for (const line of answered) for (const place of line.split(' ').slice(1)) assert.ok(stored.has(place), place);
  return answered.length;
}

for (const seed of [11, 12, 13]) {
  test(`[SEND-1] [ORDER-1] what was acknowledged survives kill -9, seed ${seed}`, async (t) => {
    const file = path.join(temporaryFolder(t), 'parley.db');
    const random = new SeededRandom(seed);
    let answered = 0;
    for (let round = 0; round < 2; round += 1) {
      const child = new Child('commit-forever', [file]);
      while (!child.stdout.includes('done ')) await sleep(5);
      await sleep(random.below(150));
      child.process.kill('SIGKILL');
      answered += await assertAllThere(file, (await child.ended).stdout);
    }
    assert.ok(answered > 0);
  });
}

test('[SEND-1] the disk is waited for before each acknowledgement', async (t) => {
  if (!mayStrace(t)) return;
  const folder = temporaryFolder(t);
  const log = path.join(folder, 'strace');
  const trace = ['-o', log, '-e', 'trace=fdatasync,fsync,write'];
  const child = new Child('commit-forever', [path.join(folder, 'parley.db'), '20'], trace);
  assert.equal((await child.ended).code, 0);
  // Each call that has ended, by its name: the end of a disk write, and acknowledgements.
  const calls = readFileSync(log, 'utf8')
    .split('\n')
    .map((line) => (/\b(?:fdatasync|fsync)\b.*= 0$/.test(line) ? 'sync' : /write\(1, "done /.test(line) ? 'done' : ''))
    .filter((call) => call !== '');
  const acknowledged = calls.filter((call) => call === 'done').length;
  assert.equal(acknowledged, 20);
  calls.forEach((call, index) => {
    if (call === 'done') assert.equal(calls[index - 1], 'sync', 'an acknowledgement without a sync before it');
  });
});

test('[SEND-1] an error at COMMIT ends the process, and nothing is acknowledged after it', async (t) => {
  if (!mayStrace(t)) return;
  const file = path.join(temporaryFolder(t), 'parley.db');
  const child = new Child('commit-forever', [file], ['-e', 'inject=fdatasync,fsync:error=EIO:when=40+']);
  const { code, stdout, stderr } = await child.ended;
  assert.equal(code, 74, stderr);
  assert.match(stderr, /^parleyd: the database could not end a transaction: disk I\/O error/);
  assert.doesNotMatch(stdout, /failed|unknown/);
  assert.ok((await assertAllThere(file, stdout)) > 0);
});

test('[DATA-2] a migration killed at any write goes on at the next start', async (t) => {
  if (!mayStrace(t)) return;
  let killed = 0;
  for (let at = 1; ; at += 1 + Math.floor(at / 3)) {
    const file = path.join(temporaryFolder(t), 'parley.db');
    const { signal, code } = await new Child(
      'migrate',
      [file],
      ['-e', `inject=pwrite64,ftruncate,fsync,fdatasync:signal=KILL:when=${at}`],
    ).ended;
    if (signal === null && code === 0) break;
    killed += 1;
    const { code: next, stderr } = await new Child('migrate', [file]).ended;
    assert.equal(next, 0, stderr);
    await (await openSqliteStore({ file })).close();
  }
  assert.ok(killed > 5, `killed ${killed} times`);
});

function mayStrace(t: TestContext): boolean {
  if (canStrace()) return true;
  unavailable(t, 'strace', 'it is not installed, or may not trace');
  return false;
}
