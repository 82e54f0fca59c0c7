import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Frame, openTestNode, PASSWORD } from '../../test-node.ts';
import { until } from '../../until.ts';

test('[AUTH-1] an account is made, and logs in by name, number, @name and u42', async (t) => {
  const node = await openTestNode(t);
  const ann = node.native();
  const made = await ann.ok('register', { name: 'Ann', password: PASSWORD, device: 'lap\u{1F4BB}top' });
  assert.equal(made['user'].name, 'Ann');
  const { id } = made['user'];
  for (const user of ['ann', 'ANN', id, String(id), `u${id}`, '@Ann']) {
    const { user: who, token } = await node.native().ok('login', { user, password: PASSWORD });
    assert.deepEqual(who, { id, name: 'Ann' }, String(user));
    assert.match(token, /^[\w-]{43}$/);
  }
  const { devices } = await ann.ok('devices');
  assert.equal(devices.length, 7);
  assert.deepEqual(
    devices.filter((device: { current: boolean }) => device.current).map(({ name }: { name: string }) => name),
    ['lap\u{1F4BB}top'],
  );
});

test('[AUTH-1] a token resumes its device; a forged, cut, lengthened or foreign one does not', async (t) => {
  const node = await openTestNode(t);
  const ann = await node.user('ann');
  const ben = await node.user('ben');
  const back = await node.native().ok('resume', { token: ann.token });
  assert.deepEqual(back['user'], { id: ann.id, name: 'ann' });
  assert.equal('token' in back, false, 'a token is told once');
  const forged = [
    '',
    ann.token.slice(1),
    `${ann.token}A`,
    ann.token.toLowerCase(),
    `${ben.token.slice(0, 20)}${ann.token.slice(20)}`,
  ];
  for (const token of forged) assert.equal(await node.native().code('resume', { token }), 'bad_token', token);
  await ann.ok('logout');
  assert.equal(await node.native().code('resume', { token: ann.token }), 'bad_token', 'after logging out');
});

test('[AUTH-1] an unknown user and a wrong password get the same answer, and both cost a hash', async (t) => {
  const node = await openTestNode(t);
  await node.user('ann');
  const wrong = await node.native().ask('login', { user: 'ann', password: 'not hers' });
  const nobody = await node.native().ask('login', { user: 'nobody', password: 'not hers' });
  const notAName = await node.native().ask('login', { user: '#', password: 'not hers' });
  assert.deepEqual(nobody, wrong);
  assert.deepEqual(notAName, wrong);
  assert.equal(node.hasher.verified.length, 3);
  assert.deepEqual(node.hasher.verified.slice(1), [undefined, undefined]);
});

test('[AUTH-2] guessing is slowed for the guessing address, never for the owner from another one', async (t) => {
  const node = await openTestNode(t, { loginFailures: 3 });
  await node.user('ann');
  const guesser = { remoteAddress: '203.0.113.9' };
  for (let n = 0; n < 3; n += 1) {
    assert.equal(await node.native(guesser).code('login', { user: 'ann', password: `guess ${n}` }), 'bad_credentials');
  }
  const hashed = node.hasher.verified.length;
  const { err } = await node.native(guesser).ask('login', { user: 'ann', password: PASSWORD });
  assert.equal(err.code, 'rate_limited');
  assert.ok(err.retryAfterMs > 0 && err.retryAfterMs <= 20_000, String(err.retryAfterMs));
  assert.equal(node.hasher.verified.length, hashed, 'refused before any work');
  await node.native({ remoteAddress: '198.51.100.1' }).ok('login', { user: 'ann', password: PASSWORD });
  await node.native(guesser).ok('register', { name: 'ben', password: PASSWORD });
  await node.native(guesser).ok('login', { user: 'ben', password: PASSWORD });
  node.clock.advance(err.retryAfterMs);
  await node.native(guesser).ok('login', { user: 'ann', password: PASSWORD });
});

test('[AUTH-2] one address that tries many accounts is slowed as well', async (t) => {
  const node = await openTestNode(t, { loginFailures: 2 });
  const guesser = { remoteAddress: '203.0.113.9' };
  const codes: string[] = [];
  for (let n = 0; n < 21; n += 1)
    codes.push(await node.native(guesser).code('login', { user: `u${n + 1}`, password: 'guess' }));
  assert.deepEqual(new Set(codes.slice(0, 20)), new Set(['bad_credentials']));
  assert.equal(codes[20], 'rate_limited');
});

test('[LIMIT-1] registrations from one address are limited, those from this machine are not', async (t) => {
  const node = await openTestNode(t, { loginFailures: 3 });
  const from = { remoteAddress: '203.0.113.9' };
  const register = (n: number): Promise<Frame> =>
    node.native(from).ask('register', { name: `user ${n}`, password: PASSWORD });
  for (let n = 0; n < 3; n += 1) assert.ok((await register(n))['ok']);
  const { err } = await register(3);
  assert.equal(err.code, 'rate_limited');
  for (let n = 0; n < 5; n += 1) await node.user(`local ${n}`);
  node.clock.advance(err.retryAfterMs);
  assert.ok((await register(3))['ok']);
});

test('[AUTH-2] who holds a session cannot guess the password without being slowed', async (t) => {
  const node = await openTestNode(t, { loginFailures: 3 });
  const ann = await node.user('ann');
  const codes: string[] = [];
  for (let n = 0; n < 5; n += 1) codes.push(await ann.code('password', { current: `guess ${n}`, next: 'another one' }));
  assert.deepEqual(codes, ['bad_credentials', 'bad_credentials', 'bad_credentials', 'rate_limited', 'rate_limited']);
  const other = await node.login('ann');
  await other.ok('password', { current: PASSWORD, next: 'another one' });
});

test('[NAME-1] (C09) names that fold together are one name, whatever the locale', async (t) => {
  const node = await openTestNode(t);
  const groups = [
    ['Ärger', 'ärger', 'A\u0308RGER'],
    ['STRASSE', 'straße', 'strasse', 'STRAẞE'],
    ['ΟΔΟΣ', 'οδος', 'οδοσ'],
    ['ａｎｎ', 'ann', 'Ann'],
    ['Kelvin', '\u212Aelvin'],
  ];
  for (const [first, ...others] of groups as [string, ...string[]][]) {
    await node.native().ok('register', { name: first, password: PASSWORD });
    for (const name of others) {
      assert.equal(await node.native().code('register', { name, password: PASSWORD }), 'name_taken', name);
      assert.equal((await node.native().ok('login', { user: name, password: PASSWORD }))['user'].name, first);
    }
  }
  for (const name of ['😀', '😂', 'İli', 'ılı', 'A1', 'İ'.repeat(50)]) {
    await node.native().ok('register', { name, password: PASSWORD });
  }
});

test('[NAME-1] names and passwords that are not allowed are refused with a hint', async (t) => {
  const node = await openTestNode(t);
  const names = [
    '',
    ' a',
    'a ',
    '@a',
    '#a',
    'a:b',
    'a/b',
    '42',
    '٤٢',
    'admin',
    'Ｐarley',
    'a\u202Eb',
    'a\nb',
    'a\0b',
    'a\uD800',
    'x'.repeat(51),
    '\u200Da',
  ];
  for (const name of names) {
    const { err } = await node.native().ask('register', { name, password: PASSWORD });
    assert.equal(err?.code, 'bad_name', JSON.stringify(name));
    assert.ok(err.hint);
  }
  for (const password of ['', 'seven77', 'x'.repeat(1_025), '\uD800 long enough']) {
    assert.equal(await node.native().code('register', { name: 'ann', password }), 'bad_password');
  }
});

test('a connection is one log-in at a time', async (t) => {
  const node = await openTestNode(t);
  const ann = await node.user('ann');
  const ben = await node.user('ben');
  for (const [op, fields] of [
    ['login', { user: 'ann', password: PASSWORD }],
    ['register', { name: 'eve', password: PASSWORD }],
    ['resume', { token: ben.token }],
  ] as const) {
    assert.equal(await ann.code(op, fields), 'already_logged_in');
  }
  assert.equal(await node.native().code('login', { user: 'eve', password: PASSWORD }), 'bad_credentials');
  await ann.ok('logout');
  assert.equal(await ann.code('devices'), 'not_logged_in');
  assert.deepEqual((await ann.ok('resume', { token: ben.token }))['user'], { id: ben.id, name: 'ben' });
});

test('a refused log-in leaves the connection as it was', async (t) => {
  const node = await openTestNode(t);
  await node.user('ann');
  const tester = node.native();
  assert.equal(await tester.code('login', { user: 'ann', password: 'wrong' }), 'bad_credentials');
  assert.equal(await tester.code('resume', { token: 'wrong' }), 'bad_token');
  assert.equal(await tester.code('send', { to: '@ann', text: 'x', clientId: '1' }), 'not_logged_in');
  await tester.ok('login', { user: 'ann', password: PASSWORD });
});

test('hello, login, sync and send in one packet are answered in this order', async (t) => {
  const node = await openTestNode(t);
  const ann = await node.user('ann');
  const ben = node.native();
  const requests = [
    { id: 1, op: 'hello', versions: [1] },
    { id: 2, op: 'register', name: 'ben', password: PASSWORD },
    { id: 3, op: 'sync', default: { mode: 'full' } },
    { id: 4, op: 'send', to: '@ann', text: 'hi', clientId: 'a' },
    { id: 5, op: 'send', to: '@ann', text: 'there', clientId: 'b', after: 'a' },
  ];
  ben.link.receive(requests.map((request) => `${JSON.stringify(request)}\n`).join(''));
  await until(() => ben.answers.length === 5);
  assert.deepEqual(
    ben.answers.map(({ re }) => re),
    [1, 2, 3, 4, 5],
  );
  assert.ok(ben.answers.every(({ ok }) => ok));
  const { conversation } = (ben.answers[3] as Frame)['ok'];
  await until(() => ben.entries(conversation).length === 2);
  await ann.synced();
  assert.deepEqual(
    ann.entries(conversation).map(({ text }) => text),
    ['hi', 'there'],
  );
});

test('a version that is not spoken is refused, and the connection ends', async (t) => {
  const node = await openTestNode(t);
  for (const versions of [[], [0], [99, 2]]) {
    const tester = node.native();
    assert.equal(await tester.code('hello', { versions }), 'unsupported_version');
    assert.equal((await tester.event(({ ev }) => ev === 'close'))['reason'], 'unsupported_version');
    assert.equal(tester.link.isEnded, true);
  }
  const { version, limits } = await node.native().ok('hello', { versions: [99, 1] });
  assert.equal(version, 1);
  assert.equal(limits.frameBytes, 65_536);
});

test('[IDENT-3] a revoked device is closed and its token void; others stay', async (t) => {
  const node = await openTestNode(t);
  const ann = await node.user('ann');
  const phone = await node.login('ann');
  const phoneAgain = node.native();
  const { device } = await phoneAgain.ok('resume', { token: phone.token });
  assert.equal(await ann.code('revoke', { device: 999 }), 'no_such_device');
  const ben = await node.user('ben');
  assert.equal(await ben.code('revoke', { device }), 'no_such_device', "another's");
  await ann.ok('revoke', { device });
  for (const tester of [phone, phoneAgain]) {
    assert.equal((await tester.event(({ ev }) => ev === 'close'))['reason'], 'revoked');
    assert.equal(tester.link.isEnded, true);
  }
  assert.equal(await node.native().code('resume', { token: phone.token }), 'bad_token');
  await ann.ok('ping');
  assert.equal(ann.link.isEnded, false);
});

test('[IDENT-3] a new password ends all other devices, and the old one is no longer taken', async (t) => {
  const node = await openTestNode(t);
  const ann = await node.user('ann');
  const phone = await node.login('ann');
  assert.equal(await ann.code('password', { current: 'wrong', next: 'another one' }), 'bad_credentials');
  assert.equal(await ann.code('password', { current: PASSWORD, next: 'short' }), 'bad_password');
  await ann.ok('password', { current: PASSWORD, next: 'another one' });
  assert.equal((await phone.event(({ ev }) => ev === 'close'))['reason'], 'revoked');
  assert.equal(await node.native().code('login', { user: 'ann', password: PASSWORD }), 'bad_credentials');
  await node.native().ok('login', { user: 'ann', password: 'another one' });
  await ann.ok('devices');
});

test('[IDENT-3] a log-in with the old password that is being checked while the password changes does not get in', async (t) => {
  const node = await openTestNode(t);
  const ann = await node.user('ann');
  const thief = node.native();
  const gate = Promise.withResolvers<void>();
  node.hasher.gate = gate.promise;
  const id = thief.put('login', { user: 'ann', password: PASSWORD });
  await until(() => node.hasher.verified.length === 1);
  node.hasher.gate = Promise.resolve();
  await ann.ok('password', { current: PASSWORD, next: 'another one' });
  gate.resolve();
  assert.equal((await thief.answer(id))['err']?.code, 'bad_credentials');
  assert.equal((await ann.ok('devices'))['devices'].length, 1);
});

test('[IDENT-3] a device that is revoked while it resumes does not get in', async (t) => {
  const gate = Promise.withResolvers<void>();
  const looked = Promise.withResolvers<void>();
  const node = await openTestNode(t, {
    wrap: (store) => {
      const findDevice = store.findDevice.bind(store);
      return Object.assign(store, {
        findDevice: async (hash: Uint8Array) => {
          const found = await findDevice(hash);
          looked.resolve();
          await gate.promise;
          return found;
        },
      });
    },
  });
  const ann = await node.user('ann');
  const phone = await node.login('ann');
  const { devices } = await phone.ok('devices');
  const { id: device } = devices.find(({ current }: { current: boolean }) => current);
  const back = node.native();
  const id = back.put('resume', { token: phone.token });
  await looked.promise;
  await ann.ok('revoke', { device });
  gate.resolve();
  assert.equal((await back.answer(id))['err']?.code, 'bad_token');
});

test('a disabled account is told so only with the right password', async (t) => {
  const node = await openTestNode(t, {
    wrap: (store) => {
      const findUserByKey = store.findUserByKey.bind(store);
      return Object.assign(store, {
        findUserByKey: async (key: string) => {
          const user = await findUserByKey(key);
          return user === undefined ? undefined : { ...user, disabled: key === 'ann' };
        },
      });
    },
  });
  await node.user('ann');
  assert.equal(await node.native().code('login', { user: 'ann', password: PASSWORD }), 'account_disabled');
  assert.equal(await node.native().code('login', { user: 'ann', password: 'wrong' }), 'bad_credentials');
});

test('[LIMIT-1] an account has a bounded number of sessions', async (t) => {
  const node = await openTestNode(t, { settings: { maxSessionsPerUser: 2 } });
  await node.user('ann');
  const second = await node.login('ann');
  const third = node.native();
  third.put('login', { user: 'ann', password: PASSWORD });
  assert.equal((await third.event(({ ev }) => ev === 'close'))['reason'], 'too_many_connections');
  second.link.close();
  await node.login('ann');
});

test('[IDENT-3] a device that is made while the password changes does not stay', async (t) => {
  const gate = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const node = await openTestNode(t);
  const ann = await node.user('ann');
  const createDevice = node.store.createDevice.bind(node.store);
  Object.assign(node.store, {
    createDevice: async (device: Parameters<typeof createDevice>[0]) => {
      asked.resolve();
      await gate.promise;
      return createDevice(device);
    },
  });
  const thief = node.native();
  const id = thief.put('login', { user: 'ann', password: PASSWORD });
  await asked.promise;
  await ann.ok('password', { current: PASSWORD, next: 'another one' });
  gate.resolve();
  assert.equal((await thief.answer(id))['err']?.code, 'bad_credentials');
  assert.equal((await ann.ok('devices'))['devices'].length, 1);
});

test('[IDENT-3] a device that is revoked before its log-in is answered does not get in', async (t) => {
  const gate = Promise.withResolvers<void>();
  const made = Promise.withResolvers<number>();
  const node = await openTestNode(t);
  const ann = await node.user('ann');
  const createDevice = node.store.createDevice.bind(node.store);
  Object.assign(node.store, {
    createDevice: async (device: Parameters<typeof createDevice>[0]) => {
      const id = await createDevice(device);
      made.resolve(id);
      await gate.promise;
      return id;
    },
  });
  const phone = node.native();
  const id = phone.put('login', { user: 'ann', password: PASSWORD });
  await ann.ok('revoke', { device: await made.promise });
  gate.resolve();
  assert.equal((await phone.answer(id))['err']?.code, 'bad_credentials');
  assert.equal(node.chat.presence.sessionsOf(ann.id as never), 1);
});

test('a disabled account is not resumed by a token of before', async (t) => {
  const node = await openTestNode(t);
  const ann = await node.user('ann');
  const findDevice = node.store.findDevice.bind(node.store);
  Object.assign(node.store, {
    findDevice: async (hash: Uint8Array) => {
      const found = await findDevice(hash);
      return found === undefined ? undefined : { ...found, user: { ...found.user, disabled: true } };
    },
  });
  assert.equal(await node.native().code('resume', { token: ann.token }), 'account_disabled');
});
