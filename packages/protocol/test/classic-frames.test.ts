import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  type ClassicChat,
  groupChatFrames,
  loginRefusal,
  notDelivered,
  oneChatFrames,
  registerAck,
  registerRefusal,
} from '../src/classic-frames.ts';
import { formatClassicTime } from '../src/classic-text.ts';
import { encodeClassicFrame } from '../src/frame-encoder.ts';
import type { GroupId, UserId } from '../src/ids.ts';
import { LIMITS } from '../src/limits.ts';

const ANN = { id: 17 as UserId, name: 'ann' };
const BOB = 42 as UserId;
const LUNCH = 7 as GroupId;
const TIME = Date.UTC(2026, 10, 24, 18, 2, 11);
const BIGGEST = 2_147_483_647;

/** What the real client reads of a 6 or 10; it aborts when one is missing. */
function assertWholeChat(chat: ClassicChat): void {
  const back = JSON.parse(JSON.stringify(chat)) as Record<string, unknown>;
  assert.ok(Number.isInteger(back['msgid']) && Number.isInteger(back['id']));
  assert.ok(Number.isInteger(back['msgid'] === 10 ? back['groupid'] : back['toid']));
  for (const field of ['name', 'msg', 'time']) assert.equal(typeof back[field], 'string');
  assert.match(String(back['time']), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
}

test('[CLASSIC-1] a chat is the ancestor’s object, with id and name from the session', () => {
  assert.deepEqual(oneChatFrames({ from: ANN, text: 'hi', timeMs: TIME }, BOB), [
    { msgid: 6, id: 17, name: 'ann', toid: 42, msg: 'hi', time: formatClassicTime(TIME) },
  ]);
  assert.deepEqual(groupChatFrames({ from: ANN, text: 'hi', timeMs: TIME }, LUNCH), [
    { msgid: 10, id: 17, name: 'ann', groupid: 7, msg: 'hi', time: formatClassicTime(TIME) },
  ]);
});

test('[CLASSIC-1] however long the text and the name, every frame is whole and has at most 1,000 bytes (C03)', () => {
  const unit = fc.constantFrom('"', '\\', '😀', '👩\u200D👧', '\u0001', '\uD800', 'x', '漢', ' ');
  const text = fc.array(unit, { maxLength: 1_500 }).map((all) => all.join(''));
  const name = fc.array(unit, { minLength: 1, maxLength: 60 }).map((all) => all.join(''));
  fc.assert(
    fc.property(text, name, (text, name) => {
      const message = { from: { id: BIGGEST as UserId, name }, text, timeMs: TIME };
      const frames = [...oneChatFrames(message, BIGGEST as UserId), ...groupChatFrames(message, BIGGEST as GroupId)];
      for (const frame of frames) {
        assertWholeChat(frame);
        assert.ok(encodeClassicFrame(frame).length <= LIMITS.classicFrameBytes);
        // The real client's parser throws on half of a surrogate pair.
        assert.doesNotMatch(JSON.stringify(frame), /\\ud[89a-f]/i);
      }
    }),
  );
});

test('[CLASSIC-1] frames are filled to the last byte before a text is split', () => {
  const roomy =
    LIMITS.classicFrameBytes - encodeClassicFrame(oneChatFrames({ from: ANN, text: '', timeMs: TIME }, BOB)[0]!).length;
  assert.equal(oneChatFrames({ from: ANN, text: 'x'.repeat(roomy), timeMs: TIME }, BOB).length, 1);
  assert.equal(oneChatFrames({ from: ANN, text: 'x'.repeat(roomy + 1), timeMs: TIME }, BOB).length, 2);
});

test('a switch may restore whole frames', () => {
  const frames = oneChatFrames({ from: ANN, text: 'x'.repeat(8_192), timeMs: TIME }, BOB, Number.POSITIVE_INFINITY);
  assert.equal(frames.length, 1);
});

test('[CLASSIC-2] a refused chat is answered by a whole chat from id 0, "parley" (C01)', () => {
  const one = notDelivered({ toId: ANN.id, reason: 'there is no such user', timeMs: TIME });
  assert.deepEqual(one, {
    msgid: 6,
    id: 0,
    name: 'parley',
    toid: 17,
    msg: 'not delivered: there is no such user',
    time: formatClassicTime(TIME),
  });
  const group = notDelivered({ toId: ANN.id, groupId: LUNCH, reason: 'you are not in this group', timeMs: TIME });
  assert.equal(group.msgid, 10);
  for (const refused of [one, group, notDelivered({ toId: undefined, reason: '\u0001'.repeat(9_000), timeMs: 0 })]) {
    assertWholeChat(refused);
    assert.ok(encodeClassicFrame(refused).length <= LIMITS.classicFrameBytes);
  }
});

test('answers to registrations and refused log-ins are the ancestor’s objects', () => {
  assert.deepEqual(registerAck(ANN.id), { msgid: 5, errno: 0, id: 17 });
  assert.deepEqual(registerRefusal(), { msgid: 5, errno: 1 });
  assert.deepEqual(loginRefusal('ID or password is invalid!'), {
    msgid: 2,
    errno: 1,
    errmsg: 'ID or password is invalid!',
  });
  assert.equal(loginRefusal('online', 2).errno, 2);
  assert.ok(encodeClassicFrame(loginRefusal('😀'.repeat(9_000))).length <= LIMITS.classicFrameBytes);
});
