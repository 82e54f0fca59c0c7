import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseClassicRequest } from '../src/classic-requests.ts';

for (const [what, frame, request] of [
  ['1 LOGIN', { msgid: 1, id: 17, password: 'secret' }, { kind: 'login', id: 17, password: 'secret' }],
  ['3 LOGOUT', { msgid: 3, id: 17 }, { kind: 'logout' }],
  ['4 REG', { msgid: 4, name: 'ann', password: 'p' }, { kind: 'register', name: 'ann', password: 'p' }],
  [
    '6 ONE_CHAT',
    { msgid: 6, id: 17, name: 'ann', toid: 42, msg: 'hi', time: '2026-11-24 18:02:11' },
    { kind: 'oneChat', toId: 42, text: 'hi' },
  ],
  ['7 ADD_FRIEND', { msgid: 7, id: 17, friendid: 42 }, { kind: 'addFriend', friendId: 42 }],
  [
    '8 CREATE_GROUP',
    { msgid: 8, id: 17, groupname: 'lunch', groupdesc: 'who eats where' },
    { kind: 'createGroup', name: 'lunch', description: 'who eats where' },
  ],
  ['9 ADD_GROUP', { msgid: 9, id: 17, groupid: 7 }, { kind: 'addGroup', groupId: 7 }],
  [
    '10 GROUP_CHAT',
    { msgid: 10, id: 17, name: 'ann', groupid: 7, msg: 'hi', time: 'now' },
    { kind: 'groupChat', groupId: 7, text: 'hi' },
  ],
] as const) {
  test(`${what} is read; fields that are not known do not matter`, () => {
    assert.deepEqual(parseClassicRequest(frame), { ok: true, request });
    assert.deepEqual(parseClassicRequest({ ...frame, extra: [1], toString: 0 }), { ok: true, request });
  });
}

test('[IDENT-1] what a chat says about its sender is not read at all', () => {
  const parsed = parseClassicRequest({ msgid: 6, id: 'forged', name: 7, toid: 42, msg: 'hi', time: null });
  assert.deepEqual(parsed, { ok: true, request: { kind: 'oneChat', toId: 42, text: 'hi' } });
});

test('a group needs no description', () => {
  const parsed = parseClassicRequest({ msgid: 8, groupname: 'lunch' });
  assert.deepEqual(parsed, { ok: true, request: { kind: 'createGroup', name: 'lunch', description: '' } });
});

for (const [what, answer, frames] of [
  ['a log-in', 'loginAck', [{ msgid: 1 }, { msgid: 1, id: '17', password: 'p' }, { msgid: 1, id: 17, password: 7 }]],
  ['a registration', 'registerAck', [{ msgid: 4 }, { msgid: 4, name: 7, password: 'p' }, { msgid: 4, name: 'a' }]],
  [
    'a chat',
    'notDelivered',
    [
      { msgid: 6, toid: 0, msg: 'x' },
      { msgid: 6, toid: 1.5, msg: 'x' },
      { msgid: 6, toid: 2 ** 31, msg: 'x' },
      { msgid: 6, toid: 42 },
      { msgid: 10, groupid: '7', msg: 'x' },
      { msgid: 10, groupid: 7, msg: ['x'] },
    ],
  ],
  [
    'anything else',
    'none',
    [
      { msgid: 7, friendid: 'bob' },
      { msgid: 8, groupname: null },
      { msgid: 8, groupname: 'a', groupdesc: 7 },
      { msgid: 9 },
      { msgid: 2, errno: 0 },
      { msgid: 5 },
      { msgid: 11 },
      { msgid: '1' },
      { msgid: 1.5 },
      {},
    ],
  ],
] as const) {
  test(`[CLASSIC-2] ${what} that is wrong is refused, with how to answer: ${answer} (C01)`, () => {
    for (const frame of frames) {
      const parsed = parseClassicRequest(frame);
      assert.ok(!parsed.ok, JSON.stringify(frame));
      assert.equal(parsed.answer, answer, JSON.stringify(frame));
      assert.notEqual(parsed.reason, '');
    }
  });
}

test('[WIRE-2] fields that only the prototype has are missing', () => {
  const frame = Object.create({ msgid: 4, name: 'a', password: 'b' }) as Record<string, unknown>;
  assert.ok(!parseClassicRequest(frame).ok);
});
