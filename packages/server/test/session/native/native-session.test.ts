import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMITS } from '@parley/protocol';
import { type Frame, openTestNode, PASSWORD } from '../test-node.ts';
import { until } from '../until.ts';

/** Bytes that are no frame, and the code with which they are answered; the connection goes on. */
const JUNK: readonly (readonly [name: string, bytes: string | Uint8Array, code: string])[] = [
  ['no JSON', 'hello\n', 'malformed'],
  ['half an object', '{"id":1,"op":"ping"\n', 'malformed'],
  ['trailing garbage', '{"id":1,"op":"ping"}x\n', 'malformed'],
  ['an array', '[1,2]\n', 'malformed'],
  ['null', 'null\n', 'malformed'],
  ['a string', '"ping"\n', 'malformed'],
  ['a number', '7\n', 'malformed'],
  ['a byte order mark', '\uFEFF{"id":1,"op":"ping"}\n', 'malformed'],
  ['nested too deep', `{"id":1,"op":"ping","x":${'['.repeat(30_000)}${']'.repeat(30_000)}}\n`, 'malformed'],
  ['nested, never closed', `${'['.repeat(60_000)}\n`, 'malformed'],
  ['invalid UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d, 0x0a]), 'malformed'],
  ['an overlong form', Buffer.from([0x22, 0xc0, 0xaf, 0x22, 0x0a]), 'malformed'],
  ['an encoded surrogate', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22, 0x0a]), 'malformed'],
  ['a TLS hello', Buffer.from('16030100a5010000a10303\n', 'latin1'), 'malformed'],
  ['HTTP', 'GET / HTTP/1.1\r\n', 'malformed'],
  ['SSH', 'SSH-2.0-OpenSSH_9.9\r\n', 'malformed'],
  ['a PROXY header', 'PROXY TCP4 203.0.113.7 127.0.0.1 1 2\r\n', 'malformed'],
  ['no id', '{"op":"ping"}\n', 'bad_request'],
  ['an id of text', '{"id":"1","op":"ping"}\n', 'bad_request'],
  ['a broken id', '{"id":1.5,"op":"ping"}\n', 'bad_request'],
  ['a negative id', '{"id":-1,"op":"ping"}\n', 'bad_request'],
  ['an endless id', '{"id":1e999,"op":"ping"}\n', 'bad_request'],
  ['an id beyond 2^53', '{"id":9007199254740993,"op":"ping"}\n', 'bad_request'],
  ['an id of null', '{"id":null,"op":"ping"}\n', 'bad_request'],
  ['id as __proto__', '{"__proto__":{"id":1,"op":"ping"}}\n', 'bad_request'],
];

test('[WIRE-2] bytes that are no request get one clear answer, and the connection lives', async (t) => {
  const node = await openTestNode(t);
  for (const [name, bytes, code] of JUNK) {
    const tester = node.native();
    tester.link.receive(bytes);
    const { err } = await tester.answer(null);
    assert.equal(err.code, code, name);
    assert.equal(tester.answers.length, 1, name);
    await tester.ok('ping');
  }
  assert.deepEqual(node.mistakes, []);
});

test('[WIRE-2] binary noise ends at the limit, with an answer and a reason', async (t) => {
  const node = await openTestNode(t);
  const bystander = await node.user('ann');
  for (const noise of [
    `{"${'k'.repeat(1_000_000)}":1}\n`,
    Buffer.alloc(70_000, 0x16),
    'x'.repeat(LIMITS.frameBytes + 1),
  ]) {
    const tester = node.native();
    tester.link.receive(noise);
    assert.equal((await tester.answer(null))['err'].code, 'frame_too_long');
    const { reason, reconnect } = await tester.event(({ ev }) => ev === 'close');
    assert.deepEqual([reason, reconnect], ['framing_lost', false]);
    assert.equal(tester.link.isEnded, true);
    await bystander.ok('ping');
  }
});

test('[WIRE-2] words that are no operation, those of every object among them, are answered', async (t) => {
  const node = await openTestNode(t);
  const ann = await node.user('ann');
  for (const op of [
    '',
    'nosuch',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'SEND',
    'send ',
    'send\0',
  ]) {
    assert.equal(await ann.code(op), 'unknown_op', JSON.stringify(op));
  }
  for (const op of [null, 7, {}, ['send'], true]) {
    ann.link.receive(`${JSON.stringify({ id: 900, op })}\n`);
    assert.equal((await ann.answer(900))['err'].code, 'unknown_op', JSON.stringify(op));
  }
  ann.link.receive('{"id":901}\n');
  assert.equal((await ann.answer(901))['err'].code, 'unknown_op');
});

test('[WIRE-2] unknown, inherited and repeated keys do no harm', async (t) => {
  const node = await openTestNode(t);
  const ann = await node.user('ann');
  const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`k${n}`, n]));
  await ann.ok('ping', many);
  ann.link.receive('{"id":800,"op":"ping","__proto__":{"x":1},"constructor":{"prototype":{"y":2}},"toString":3}\n');
  assert.ok((await ann.answer(800))['ok']);
  assert.equal(({} as Frame)['x'] ?? ({} as Frame)['y'], undefined);
  ann.link.receive('{"id":7,"id":801,"op":"nosuch","op":"ping"}\n');
  assert.ok((await ann.answer(801))['ok'], 'the last one counts');
  ann.link.receive('{"id":-0,"op":"ping"}\n');
  assert.ok((await ann.answer(0))['ok']);
});

test('[WIRE-1] a request cut into single bytes, or many in one packet, is taken', async (t) => {
  const node = await openTestNode(t);
  const tester = node.native();
  for (const byte of Buffer.from('{"id":1,"op":"ping","x":"\u{1F600}\\u00e4"}\r\n'))
    tester.link.receive(Buffer.of(byte));
  await tester.answer(1);
  const lines = Array.from({ length: 1_000 }, (_, n) => `{"id":${n + 10},"op":"ping"}${n % 2 === 0 ? '\n' : '\0'}`);
  tester.link.receive(`\n\0\r\n${lines.join('')}`);
  await until(() => tester.answers.length === 1_001);
});

test('every operation that needs a log-in says so before it, and after it has ended', async (t) => {
  const node = await openTestNode(t);
  const ann = await node.user('ann');
  await ann.ok('logout');
  const { REQUESTS } = await import('../../../../protocol/src/upstream.ts');
  const open = new Set(['hello', 'ping', 'register', 'login', 'resume']);
  for (const tester of [node.native(), ann]) {
    for (const op of Object.keys(REQUESTS)) {
      if (!open.has(op)) assert.equal(await tester.code(op), 'not_logged_in', op);
    }
  }
});

test('[LIMIT-1] 10,000 pipelined requests are all answered; the next are told when to come again', async (t) => {
  const node = await openTestNode(t);
  const tester = node.native();
  const bystander = await node.user('ann');
  const lines = Array.from({ length: 10_001 }, (_, n) => `{"id":${n},"op":"ping"}\n`);
  tester.link.receive(lines.join(''));
  await until(() => tester.answers.length === 10_001);
  const { err } = tester.answers.at(-1) as Frame;
  assert.equal(tester.answers.filter(({ ok }) => ok !== undefined).length, 10_000);
  assert.equal(err.code, 'rate_limited');
  assert.ok(err.retryAfterMs >= 1);
  await bystander.ok('ping');
  node.clock.advance(err.retryAfterMs);
  await tester.ok('ping');
});

test('[LIMIT-1] frames that are no requests count as well', async (t) => {
  const node = await openTestNode(t, { settings: { requestBurst: 5, requestsPerSecond: 1 } });
  const tester = node.native();
  tester.link.receive('x\n{"op":"ping"}\n{"id":1.5}\n'.repeat(4));
  await until(() => tester.answers.length === 12);
  const codes = tester.answers.map(({ err }) => err.code);
  assert.deepEqual(new Set(codes.slice(0, 5)), new Set(['malformed', 'bad_request']));
  assert.deepEqual(new Set(codes.slice(5)), new Set(['rate_limited']));
  assert.equal(tester.answers.at(-1)?.['err'].retryAfterMs, 1_000);
});

test('[LIMIT-1] who does not read the answers is not read, and is when the answers are', async (t) => {
  const node = await openTestNode(t);
  const tester = node.native();
  tester.link.isFull = true;
  tester.link.receive('{"id":1,"op":"ping"}\n'.repeat(500));
  assert.equal(tester.answers.length, 1, 'the first answer filled the queue');
  assert.equal(tester.link.isPaused, true);
  assert.equal(tester.link.keptCount, 499);
  tester.link.drain();
  await until(() => tester.answers.length === 500);
  assert.equal(tester.link.isPaused, false);
});

test('[LIMIT-1] operations under way are bounded; more are read when some are answered', async (t) => {
  const node = await openTestNode(t);
  const asker = await node.user('ann');
  const gate = Promise.withResolvers<undefined>();
  Object.assign(node.store, { findUserByKey: () => gate.promise });
  for (let n = 0; n < 100; n += 1) asker.put('whois', { user: 'ben' });
  assert.equal(asker.link.isPaused, true);
  assert.equal(asker.link.keptCount, 92);
  gate.resolve(undefined);
  await until(() => asker.answers.length === 101);
  assert.equal(asker.link.isPaused, false);
});

test('[ORDER-2] sends keep their order while the first one\u2019s conversation is still being looked up', async (t) => {
  const gate = Promise.withResolvers<void>();
  const node = await openTestNode(t, {
    wrap: (store) => {
      const openDirect = store.openDirect.bind(store);
      return Object.assign(store, {
        openDirect: async (one: never, other: never) => {
          await gate.promise;
          return openDirect(one, other);
        },
      });
    },
  });
  const ann = await node.user('ann');
  const ben = await node.user('ben');
  const group = await node.group('ops', [ann]);
  await ann.ok('send', { to: group, text: 'known', clientId: 'known' });
  ann.put('send', { to: '@ben', text: 'first', clientId: '1' });
  ann.put('send', { to: group, text: 'in a group', clientId: 'g' });
  for (let n = 2; n <= 50; n += 1) ann.put('send', { to: '@ben', text: `${n}`, clientId: `${n}`, after: `${n - 1}` });
  gate.resolve();
  await until(() => ann.answers.filter(({ ok }) => ok?.seq !== undefined).length >= 52);
  await ben.synced();
  const conversation = `d${ann.id}-${ben.id}`;
  assert.deepEqual(
    ben.entries(conversation).map(({ text }) => text),
    ['first', ...Array.from({ length: 49 }, (_, n) => String(n + 2))],
  );
});

test('[IDENT-3] a send that waits for its conversation when its device is revoked is not stored', async (t) => {
  const gate = Promise.withResolvers<void>();
  const node = await openTestNode(t, {
    wrap: (store) => {
      const openDirect = store.openDirect.bind(store);
      return Object.assign(store, {
        openDirect: async (one: never, other: never) => {
          await gate.promise;
          return openDirect(one, other);
        },
      });
    },
  });
  const ann = await node.user('ann');
  await node.user('ben');
  const phone = await node.login('ann');
  phone.put('send', { to: '@ben', text: 'from a stolen phone', clientId: '1' });
  const { devices } = await phone.ok('devices');
  await ann.ok('revoke', { device: devices.find(({ current }: Frame) => current).id });
  gate.resolve();
  await ann.ok('send', { to: '@ben', text: 'from me', clientId: '2' });
  assert.deepEqual(await ann.ok('outcome', { to: '@ben', clientId: '1' }), { state: 'unknown' });
});

test('[WIRE-4] a native peer that falls silent is told, and ended', async (t) => {
  const node = await openTestNode(t);
  const tester = node.native();
  await tester.ok('ping');
  assert.equal(tester.link.silenceMs, 30_000);
  tester.link.fallSilent();
  assert.equal((await tester.event(({ ev }) => ev === 'close'))['reason'], 'silent');
  assert.equal(tester.link.isEnded, true);
});

test('[WIRE-3] a reader without progress is told, and ended', async (t) => {
  const node = await openTestNode(t);
  const ann = await node.user('ann');
  ann.link.stick();
  assert.equal((await ann.event(({ ev }) => ev === 'close'))['reason'], 'slow_reader');
});

test('a connection without a log-in ends after a while, a logged-in one does not', async (t) => {
  const node = await openTestNode(t, { settings: { loginTimeoutMs: 60_000 } });
  const silent = node.link();
  const greeting = node.native();
  await greeting.ok('ping');
  const ann = await node.user('ann');
  const ben = await node.user('ben');
  await ben.ok('logout');
  node.clock.advance(59_000);
  assert.equal(silent.isEnded || greeting.link.isEnded || ben.link.isEnded, false);
  node.clock.advance(3_000);
  assert.equal(silent.isEnded, true);
  assert.equal((await greeting.event(({ ev }) => ev === 'close'))['reason'], 'login_timeout');
  assert.equal(ben.link.isEnded, true);
  assert.equal(ann.link.isEnded, false);
});

test('[OPS-1] goaway tells every native session a time of its own', async (t) => {
  const node = await openTestNode(t);
  const testers = [await node.user('ann'), await node.user('ben'), node.native()];
  await testers[2]?.ok('ping');
  node.layer.goaway(500);
  const times = testers.map(({ events }) => events.find(({ ev }) => ev === 'goaway')?.['afterMs']);
  assert.ok(
    times.every((ms) => Number.isInteger(ms) && ms >= 0 && ms <= 500),
    times.join(),
  );
  assert.equal(new Set(times).size, 3);
});

test('a peer that has said all it wants to say is answered before the end', async (t) => {
  const node = await openTestNode(t);
  await node.user('ben');
  const tester = node.native();
  const requests = [
    { id: 1, op: 'register', name: 'ann', password: PASSWORD },
    { id: 2, op: 'send', to: '@ben', text: 'hi', clientId: '1' },
    { id: 3, op: 'whois', user: 'ben' },
  ];
  tester.link.receive(requests.map((request) => `${JSON.stringify(request)}\n`).join(''));
  tester.link.peerEnds();
  await until(() => tester.link.isEnded);
  assert.deepEqual(
    tester.answers.map(({ re }) => re).toSorted((one, other) => one - other),
    [1, 2, 3],
  );
  assert.ok(tester.answers.every(({ ok }) => ok));
});

test('nothing is written to a connection after its end, and nothing of it stays', async (t) => {
  const node = await openTestNode(t);
  const ann = await node.user('ann');
  await node.user('ben');
  await ann.synced();
  for (let n = 0; n < 50; n += 1) ann.put('send', { to: '@ben', text: 'x', clientId: `${n}` });
  ann.put('members', { group: 'g1' });
  ann.link.close();
  const { written } = ann.link;
  const count = written.length;
  await node.delivery.drain();
  assert.equal(written.length, count);
  assert.equal(node.chat.presence.sessionsOf(ann.id as never), 0);
  assert.deepEqual(node.mistakes, []);
});

test('[WIRE-2] a mistake of ours is answered, logged under a reference, and harms nobody else', async (t) => {
  const node = await openTestNode(t, {
    wrap: (store) => Object.assign(store, { listDevices: () => Promise.reject(new TypeError('of ours')) }),
  });
  const ann = await node.user('ann');
  const { err } = await ann.ask('devices');
  assert.equal(err.code, 'internal');
  assert.match(err.hint, /mistake-1/);
  assert.equal(JSON.stringify(err).includes('of ours'), false, 'no inner words leave');
  assert.equal(node.mistakes[0]?.code, 'mistake-1');
  await ann.ok('ping');
});

test('[WIRE-2] a mistake on the way of a send is answered too', async (t) => {
  const node = await openTestNode(t);
  const ann = await node.user('ann');
  const group = await node.group('ops', [ann]);
  await ann.ok('send', { to: group, text: 'x', clientId: '1' });
  const append = (): never => {
    throw new TypeError('of ours');
  };
  Object.assign(node.delivery, { append });
  assert.equal(await ann.code('send', { to: group, text: 'x', clientId: '2' }), 'internal');
  Reflect.deleteProperty(node.delivery, 'append'); // the class still has it
  await ann.ok('send', { to: group, text: 'x', clientId: '2' });
});
