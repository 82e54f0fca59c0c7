import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { HistoryWriter } from '../../src/history/history-writer.ts';
import { readHistory, readLines } from '../../src/history/read-history.ts';

function temporaryFile(t: { after(done: () => void): void }): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-history-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return path.join(folder, 'history.jsonl');
}

const RUN = '{"k":"run","version":1,"seed":3,"store":"sqlite","faults":[],"wall":5}';

test('what was written is read back, each with its line', async (t) => {
  const file = temporaryFile(t);
  const writer = new HistoryWriter(file);
  writer.write({ k: 'run', version: 1, seed: 3, store: 'sqlite', faults: [], wall: 5 });
  writer.write({ k: 'open', t: 1, s: 1, u: 7, d: 9, n: 'node1', at: [['d1-7', 4, 44]] });
  writer.line('{"k":"e","t":2,"s":1,"c":"d1-7","q":5,"g":55,"h":4294967295,"i":"x"}');
  writer.write({ k: 'shut', t: 3, s: 1, why: 'left' });
  writer.write({ k: 'end', t: 4 });
  await writer.close();
  const history = await readHistory(file);
  assert.equal(history.run?.seed, 3);
  assert.equal(history.isWhole, true);
  const session = history.sessions.get(1);
  assert.deepEqual([session?.line, session?.shutAt, session?.why], [2, 3, 'left']);
  const [entry] = [...history.deliveries];
  assert.deepEqual([entry?.seq, entry?.digest, entry?.line, entry?.kind], [5, 4_294_967_295, 3, 'entry']);
  assert.match((await readLines(file, new Set([3]))).get(3) ?? '', /"q":5/);
});

test('a last line that was cut off is left out; one in the middle is an error', async (t) => {
  const file = temporaryFile(t);
  const end = '{"k":"end","t":1}';
  writeFileSync(file, `${RUN}\n${end}\n{"k":"en`);
  assert.equal((await readHistory(file)).isWhole, true);
  writeFileSync(file, `${RUN}\n{"k":"en\n${end}\n`);
  await assert.rejects(readHistory(file), /line 2 is no record/);
});

test('what is no record of a history is an error, and so is a file that does not begin as one', async (t) => {
  const file = temporaryFile(t);
  const end = '{"k":"end","t":1}';
  for (const line of ['5', 'null', '[]', '{}', '{"k":"constructor"}', '{"k":"what","t":1}', '{"k":"row","q":1}']) {
    writeFileSync(file, `${RUN}\n${line}\n${end}\n`);
    await assert.rejects(readHistory(file), /line 2 is no record/, line);
  }
  for (const first of ['', `${end}\n`, `${RUN.replace('"version":1', '"version":2')}\n`]) {
    writeFileSync(file, `${first}${end}\n`);
    await assert.rejects(readHistory(file), /is no history of this version/, first);
  }
});
