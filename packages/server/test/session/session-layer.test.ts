import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestNode } from './test-node.ts';

const NATIVE: readonly string[] = [
  '{"id":1,"op":"ping"}\n',
  '{"id":1,"op":"ping"}\0',
  '{"id":1,"op":"ping","msgid":1}\n',
  '{"id":1,"x":{"msgid":1}}\n',
  '{"msgid":"1"}\0',
  '{"msgid":1.5}\0',
  'noise\n',
];

const CLASSIC: readonly string[] = [
  '{"msgid":1,"id":7,"password":"x"}\0',
  '{"msgid":1,"id":7,"password":"x"}\n',
  '{"msgid":1,"id":7,"password":"\\"op\\":1"}\0',
  '{"x":{"op":"ping"},"msgid":1,"id":7,"password":"x"}\0',
  '{"msgid":4}\0',
];

test('the first frame decides the dialect by what it holds, not by what ends it', async (t) => {
  const node = await openTestNode(t);
  for (const [frames, end] of [
    [NATIVE, '\n'],
    [CLASSIC, '\0'],
  ] as const) {
    for (const frame of frames) {
      const link = node.link();
      link.receive(frame);
      await link.wrote(1);
      assert.equal(link.written[0]?.at(-1), end, frame);
      assert.equal(link.silenceMs, end === '\n' ? 30_000 : undefined, frame);
    }
  }
});

test('the dialect stays what it was', async (t) => {
  const node = await openTestNode(t);
  const native = node.link();
  native.receive('{"id":1,"op":"ping"}\n{"msgid":4}\n');
  await native.wrote(2);
  assert.match(native.written[1] ?? '', /"re":null.*bad_request/);
  const classic = node.link();
  classic.receive('{"msgid":4}\0{"id":1,"op":"ping"}\0{"msgid":4}\0');
  await classic.wrote(2);
  assert.deepEqual(
    classic.written.map((frame) => JSON.parse(frame.slice(0, -1)).msgid),
    [5, 5],
    'what is no request of its own is left without an answer, as the real client needs it',
  );
});

test('[LIMIT-1] a connection that says nothing ends after a while', async (t) => {
  const node = await openTestNode(t);
  const link = node.link();
  node.clock.advance(600_000);
  assert.equal(link.isEnded, false, 'classic clients connect long before their user logs in');
  node.clock.advance(302_000);
  assert.equal(link.isEnded, true);
  assert.deepEqual(link.written, []);
});

test('a silent connection may end, get stuck or be closed at any time', async (t) => {
  const node = await openTestNode(t);
  for (const what of ['peerEnds', 'stick'] as const) {
    const link = node.link();
    link[what]();
    assert.equal(link.isEnded, true);
    link.close();
  }
  const link = node.link();
  link.fallSilent();
  link.drain();
  node.layer.goaway(500);
  assert.equal(link.isEnded, false);
  assert.deepEqual(link.written, []);
});

test('[OPS-1] all that are left at the end of a drain are ended, and native ones are told why', async (t) => {
  const node = await openTestNode(t);
  const ann = await node.user('ann');
  const silent = node.link();
  const classic = node.link();
  classic.receive('{"msgid":4}\0');
  await classic.wrote(1);
  node.layer.endAll();
  assert.ok([ann.link, silent, classic].every(({ isEnded }) => isEnded));
  const { ev, reason, reconnect } = ann.events.at(-1) ?? {};
  assert.deepEqual([ev, reason, reconnect], ['close', 'shutdown', true]);
  assert.deepEqual([silent.written.length, classic.written.length], [0, 1]);
  assert.equal(node.chat.presence.sessionsOf(ann.id as never), 0);
});
