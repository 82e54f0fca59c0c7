import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Ord, Seq, Tag, UserId } from '@parley/protocol';
import type { ConversationId } from '../../../src/chat/ports/index.ts';
import { KnownIds, type KnownPast } from '../../../src/store/mysql/known-ids.ts';
import { hashOf } from '../../../src/store/recent-ids.ts';

test('an id is known by author and conversation, also when others use the same', () => {
  const ids = new KnownIds();
  for (const [conversation, author] of [
    [1, 1],
    [1, 2],
    [2, 1],
  ] as const)
    ids.add(past('a', conversation, author));
  assert.equal(get(ids, 'a', 1, 2)?.author, 2);
  assert.equal(get(ids, 'a', 2, 1)?.conversation, 2);
  assert.equal(get(ids, 'a', 2, 2), undefined);
  ids.remove(past('a', 1, 2));
  assert.deepEqual([get(ids, 'a', 1, 2), get(ids, 'a', 1, 1)?.author], [undefined, 1]);
});

test('ids with one hash are told apart', () => {
  const ids = new KnownIds();

  const [one, other] = collision();
  ids.add(past(one, 1, 1));
  assert.equal(get(ids, other, 1, 1), undefined);
  ids.add(past(other, 1, 1));
  assert.deepEqual(
    [one, other].map((id) => get(ids, id, 1, 1)?.clientId),
    [one, other],
  );
});

test('memory is bounded: what is old is forgotten, what is recent is not', () => {
  const ids = new KnownIds();
  for (let count = 0; count < 100_000; count += 1) ids.add(past(`id ${count}`, 1, 1));
  assert.equal(get(ids, 'id 0', 1, 1), undefined);
  assert.ok(get(ids, `id ${100_000 - 32_768}`, 1, 1) !== undefined);
});

/** Two strings with the same hash. */
function collision(): [string, string] {
  const seen = new Map<number, string>();
  for (let count = 0; ; count += 1) {
    const text = `id ${count}`;
    const hash = hashOf(text);
    const before = seen.get(hash);
    if (before !== undefined) return [before, text];
    seen.set(hash, text);
  }
}

function get(ids: KnownIds, clientId: string, ...[conversation, author]: [number, number]): KnownPast | undefined {
  return ids.get(conversation as ConversationId, author as UserId, clientId);
}

function past(clientId: string, conversation: number, author: number): KnownPast {
  const place = { seq: 1 as Seq, ord: 1 as Ord, tag: 1 as Tag, time: 1 };
  const of = { conversation: conversation as ConversationId, author: author as UserId };
  return { clientId, ...of, kind: 'message', hash: 1, ...place };
}
