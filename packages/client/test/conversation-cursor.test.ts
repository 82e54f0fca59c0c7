import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { ConversationCursor } from '../src/conversation-cursor.ts';

const at = (seq: number, tag = seq * 10): { seq: number; tag: number } => ({ seq, tag });

test('[CLIENT-2] entries are delivered once, rising; a missing one is a hole, and nothing moves', () => {
  const cursor = new ConversationCursor();
  const verdicts = [at(5), at(6), at(5), at(6), at(8), at(7), at(8)].map((entry) => cursor.entry(entry));
  assert.deepEqual(verdicts, ['deliver', 'deliver', 'duplicate', 'duplicate', 'hole', 'deliver', 'deliver']);
  assert.deepEqual(cursor.position, at(8));
});

test('[CLIENT-2] a place that is held under another tag is a fork', () => {
  const cursor = new ConversationCursor(at(5));
  assert.equal(cursor.entry(at(5, 1)), 'fork');
  cursor.acknowledge(at(6, 66));
  assert.equal(cursor.entry(at(6, 67)), 'fork');
  assert.deepEqual(cursor.position, at(5));
});

test('[CLIENT-2] a gap moves the cursor over what it names, and only from where the cursor stands', () => {
  const cursor = new ConversationCursor(at(5));
  assert.equal(cursor.gap({ from: 8, to: 9, tag: 90, reason: 'paged' }), 'hole');
  assert.equal(cursor.gap({ from: 6, to: 9, tag: 90, reason: 'paged' }), 'deliver');
  assert.equal(cursor.gap({ from: 6, to: 9, tag: 90, reason: 'paged' }), 'duplicate');
  assert.equal(cursor.entry(at(10)), 'deliver');
});

test('[CLIENT-2] after a reset everything is forgotten, and the next entry may stand anywhere', () => {
  const cursor = new ConversationCursor(at(500), [at(501)]);
  assert.equal(cursor.gap({ from: 0, to: 0, tag: 0, reason: 'reset' }), 'deliver');
  assert.equal(cursor.toSync('g7'), undefined);
  assert.equal(cursor.entry(at(3)), 'deliver');
  assert.deepEqual(cursor.toSync('g7'), { conversation: 'g7', ...at(3) });
});

test('[CLIENT-2] acknowledged places are named until their entry has come; of many the latest', () => {
  const cursor = new ConversationCursor(at(5));
  for (const seq of [8, 7, 7, 4, 5]) cursor.acknowledge(at(seq));
  assert.deepEqual(cursor.toSync('g7'), {
    conversation: 'g7',
    ...at(5),
    acked: [
      [7, 70],
      [8, 80],
    ],
  });
  cursor.entry(at(6));
  cursor.entry(at(7));
  assert.deepEqual(cursor.toSync('g7')?.acked, [[8, 80]]);
  for (let seq = 9; seq < 200; seq += 1) cursor.acknowledge(at(seq));
  assert.equal(cursor.toSync('g7')?.acked?.length, 64);
  assert.deepEqual(cursor.toSync('g7')?.acked?.at(-1), [199, 1990]);
});

test('[CLIENT-2] [TAG-1] a place that was acknowledged before anything came is named too, so that a reset can take it back', () => {
  const cursor = new ConversationCursor();
  cursor.acknowledge(at(5));
  assert.equal(cursor.entry(at(5, 1)), 'fork');
  assert.deepEqual(cursor.toSync('g7'), { conversation: 'g7', seq: 0, tag: 0, acked: [[5, 50]] });
  cursor.gap({ from: 0, to: 0, tag: 0, reason: 'reset' });
  assert.equal(cursor.entry(at(5, 1)), 'deliver');
});

test('[CLIENT-2] who had got nothing when the program ended has still got nothing, and the first entry may stand anywhere', () => {
  const cursor = new ConversationCursor();
  cursor.acknowledge(at(5));
  const { seq, tag, acked = [] } = cursor.toSync('g7') ?? { seq: -1, tag: 0 };
  const again = new ConversationCursor(
    { seq, tag },
    acked.map(([seq, tag]) => ({ seq, tag })),
  );
  assert.equal(again.entry(at(5)), 'deliver');
});

test('[CLIENT-2] however entries are repeated and left out, what is delivered has no repeat and no hole', () => {
  const stream = fc.array(fc.record({ seq: fc.integer({ min: 1, max: 12 }), gap: fc.integer({ min: 0, max: 3 }) }));
  fc.assert(
    fc.property(stream, (items) => {
      const cursor = new ConversationCursor(at(1));
      let last = 1;
      for (const { seq, gap } of items) {
        const to = seq + gap;
        const isEntry = gap === 0;
        const verdict = isEntry
          ? cursor.entry(at(seq))
          : cursor.gap({ from: seq, to, tag: to * 10, reason: 'not_member' });
        if (verdict === 'deliver') {
          assert.ok(seq <= last + 1 && to > last, `${seq}–${to} after ${last}`);
          last = to;
        } else if (verdict === 'hole') assert.ok(seq > last + 1);
        else assert.ok(to <= last, verdict);
      }
    }),
  );
});
