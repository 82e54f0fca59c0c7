import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NativeSession } from '../../src/load/native-session.ts';
import { type HistoryPage, readHistoryPages } from '../../src/run/read-history-pages.ts';

/** What is read of a conversation when the server answers with these seqs, the last answer again and again. */
async function read(...answers: { seqs: number[]; more: boolean }[]): Promise<number[]> {
  const asked: number[] = [];
  const request = (_op: string, { after }: { after: number }) => {
    const { seqs, more } = answers[Math.min(asked.push(after), answers.length) - 1] as (typeof answers)[number];
    return Promise.resolve({ entries: seqs.map((seq) => ({ seq })), more });
  };
  const pages: HistoryPage[] = [];
  for await (const page of readHistoryPages({ request } as unknown as NativeSession, 'g1')) pages.push(page);
  assert.deepEqual(
    pages.map(({ isLast }) => isLast),
    pages.map((page) => page === pages.at(-1)),
  );
  return pages.flatMap(({ entries }) => entries.map(({ seq }) => seq));
}

test('a conversation is read to its end', async () => {
  assert.deepEqual(await read({ seqs: [1, 2], more: true }, { seqs: [3], more: false }), [1, 2, 3]);
  assert.deepEqual(await read({ seqs: [1], more: true }, { seqs: [], more: true }), [1]);
});

test('a server that gives the same page again and again is not asked without end', async () => {
  await assert.rejects(read({ seqs: [1, 2], more: true }), /the history of g1 does not go on after 2/);
});
