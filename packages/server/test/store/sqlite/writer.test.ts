import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import type { UserId } from '@parley/protocol';
import type { AppendRequest, ConversationId } from '../../../src/chat/ports/records.ts';
import { openWriter, type Writer } from '../../../src/store/sqlite/writer.ts';
import { atEnd, temporaryFolder } from './test-store.ts';

interface World {
  readonly file: string;
  readonly writer: Writer;
  readonly ann: UserId;
  readonly bob: UserId;
  /** Ann's. */
  readonly group: ConversationId;
  readonly direct: ConversationId;
}

function open(t: TestContext, file: string): Writer {
  const writer = openWriter({ file });
  atEnd(t, () => writer.close());
  return writer;
}

function createWorld(t: TestContext): World {
  const file = path.join(temporaryFolder(t), 'parley.db');
  const writer = open(t, file);
  const [ann, bob] = ['ann', 'bob'].map((name) => writer.createUser({ name, key: name, passwordHash: '' }));
  const made = { name: 'ops', key: 'ops', description: '', clientId: randomUUID(), hash: 1 };
  const group = writer.createGroup({ ...made, creator: ann as UserId });
  const direct = writer.openDirect(ann as UserId, bob as UserId);
  assert.ok('cursor' in group && typeof direct === 'object');
  return { file, writer, ann: ann as UserId, bob: bob as UserId, group: group.conversation.id, direct: direct.id };
}

type Said = Partial<AppendRequest> & Pick<AppendRequest, 'conversation' | 'author'>;

function request(said: Said): AppendRequest {
  const rest = { authorName: '', hash: 1, kind: 'message', after: null, text: 'hi', target: null, role: null } as const;
  return { ...rest, clientId: randomUUID(), ...said };
}

/** Commits a batch that fails at its end, so that nothing of it is stored. */
function fail({ writer, direct, ann }: World, ...batch: readonly AppendRequest[]): void {
  const unbindable = request({ conversation: direct, author: ann, text: {} as never });
  assert.throws(() => writer.commit([...batch, unbindable]), /cannot be bound/);
}

test('[SEND-1] [SEND-2] a message of a batch that failed is no repeat when it is sent again: it is stored then', (t) => {
  const world = createWorld(t);
  const message = request({ conversation: world.direct, author: world.ann });
  fail(world, message);
  const { results } = world.writer.commit([message]);
  const [result] = results;
  assert.ok(result !== undefined && result.state === 'committed');
  assert.deepEqual([result.fresh, result.seq], [true, 1]);
});

test('[ORDER-2] what a failed batch held is not there for a later `after`', (t) => {
  const world = createWorld(t);
  const message = request({ conversation: world.direct, author: world.ann });
  fail(world, message);
  const next = request({ conversation: world.direct, author: world.ann, after: message.clientId });
  assert.deepEqual(world.writer.commit([next]).results, [{ state: 'refused', code: 'after_failed' }]);
});

test('[IDENT-2] a join of a batch that failed lets nobody write', (t) => {
  const world = createWorld(t);
  const { group, bob } = world;
  fail(
    world,
    request({ conversation: group, author: bob, kind: 'join' }),
    request({ conversation: group, author: bob }),
  );
  const { results } = world.writer.commit([request({ conversation: group, author: bob })]);
  assert.deepEqual(results, [{ state: 'refused', code: 'not_member' }]);
});

test('a leave of a batch that failed keeps nobody from writing', (t) => {
  const world = createWorld(t);
  const { group, ann } = world;
  fail(
    world,
    request({ conversation: group, author: ann, kind: 'leave' }),
    request({ conversation: group, author: ann }),
  );
  const { results } = world.writer.commit([request({ conversation: group, author: ann })]);
  assert.equal(results[0]?.state, 'committed');
});

test('[STATE-1] whom a failed batch would have changed is not told with the next one', (t) => {
  const world = createWorld(t);
  const { group, direct, ann, bob } = world;
  fail(world, request({ conversation: group, author: bob, kind: 'join' }));
  assert.deepEqual(world.writer.commit([request({ conversation: direct, author: ann })]).changed, []);
});

test('[IDENT-2] a block and a kick that another process stored are judged by the next transaction', (t) => {
  const { file, writer, ann, bob, group, direct } = createWorld(t);
  const join = request({ conversation: group, author: bob, kind: 'join' });
  const byBob = () => [direct, group].map((conversation) => request({ conversation, author: bob }));
  assert.deepEqual(
    writer.commit([join, ...byBob()]).results.map((result) => result?.state),
    ['committed', 'committed', 'committed'],
  );
  const other = open(t, file);
  other.setEdge(ann, bob, { blocked: true });
  other.commit([request({ conversation: group, author: ann, kind: 'kick', target: bob })]);
  assert.deepEqual(writer.commit(byBob()).results, [
    { state: 'refused', code: 'blocked' },
    { state: 'refused', code: 'not_member' },
  ]);
});
