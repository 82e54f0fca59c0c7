import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import type { HistoryRecord } from '../../src/history/record.ts';
import { Impossible } from '../../src/run/impossible.ts';
import { judge } from '../../src/run/judge.ts';
import { correctHistory } from '../checkers/correct-history.ts';
import { temporaryFolder } from '../e2e/run-briefly.ts';

function fileOf(t: TestContext, records: readonly HistoryRecord[]): string {
  const file = path.join(temporaryFolder(t), 'history.jsonl');
  writeFileSync(file, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  return file;
}

test('a whole history is judged again as it was', async (t) => {
  const records = correctHistory(3);
  assert.equal((await judge(fileOf(t, records)))?.ok, true);
  const what = 'node1 ended by itself with 1';
  const verdict = await judge(fileOf(t, [...records.slice(0, -1), { k: 'problem', what }, ...records.slice(-1)]));
  assert.ok(verdict);
  assert.deepEqual([verdict.ok, verdict.problems], [false, [what]]);
});

test('a history that was cut off accuses nobody: it cannot be judged', async (t) => {
  const records = correctHistory(3);
  const isCut = (error: unknown): boolean => error instanceof Impossible && /carried through/.test(error.message);
  await assert.rejects(judge(fileOf(t, records.slice(0, -1))), isCut);
  await assert.rejects(judge(fileOf(t, records.slice(0, 100))), isCut);
});

test('a history in which nothing was stored is no proof', async (t) => {
  const verdict = await judge(
    fileOf(
      t,
      correctHistory(3).filter(({ k }) => k === 'run' || k === 'end'),
    ),
  );
  assert.deepEqual([verdict?.ok, verdict?.problems], [false, ['the database holds nothing']]);
});

test('what is judged no more is left', async (t) => {
  assert.equal(await judge(fileOf(t, correctHistory(3)), AbortSignal.abort()), undefined);
});
