import assert from 'node:assert/strict';
import test from 'node:test';
import type { SyncCursor } from '@parley/protocol';
import { CursorTable } from '../src/cursor-table.ts';
import { entryFields } from './scripted-server.ts';

test('[CLIENT-2] many cursors go out in chunks that fit a frame; the last one has no `more`', () => {
  const cursors: SyncCursor[] = Array.from({ length: 1_201 }, (_, index) => ({
    conversation: `g${index + 1}`,
    seq: 1,
    tag: 2,
  }));
  const requests = new CursorTable({ cursors, default: { mode: 'full' }, state: { rev: 3, tag: 4 } }).requests();
  assert.deepEqual(
    requests.map(({ cursors }) => cursors?.length),
    [500, 500, 201],
  );
  assert.deepEqual(
    requests.map(({ more }) => more),
    [true, true, undefined],
  );
  assert.deepEqual(requests[0]?.default, { mode: 'full' });
  assert.deepEqual(requests[0]?.state, { rev: 3, tag: 4 });
  assert.ok(requests.every((request) => JSON.stringify(request).length < 65_000));
});

test('[CLIENT-2] a conversation that was followed is wanted in full the next time, unless told otherwise', () => {
  const entry = { ev: 'entry' as const, ...entryFields(1) };
  const full = new CursorTable({ default: { mode: 'lazy', last: 0 } });
  full.entry(entry as never);
  assert.deepEqual(full.requests()[0]?.cursors, [{ conversation: 'g7', seq: 1, tag: 10, want: { mode: 'full' } }]);
  const lazy = new CursorTable({ missed: { mode: 'lazy', last: 50 } });
  lazy.entry(entry as never);
  assert.deepEqual(lazy.requests()[0]?.cursors?.[0]?.want, { mode: 'lazy', last: 50 });
});

test('[STATE-1] who has got only some pages of the private state asks for all of it again', () => {
  const table = new CursorTable({ state: { rev: 4, tag: 40 } });
  table.stateMoved({ rev: 6, tag: 80, more: true });
  assert.equal(table.requests()[0]?.state, undefined);
  table.stateMoved({ rev: 8, tag: 80 });
  assert.deepEqual(table.requests()[0]?.state, { rev: 8, tag: 80 });
});

test('without anything known one request asks for everything', () => {
  assert.deepEqual(new CursorTable({}).requests(), [{ cursors: [] }]);
});
