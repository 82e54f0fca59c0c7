import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestNode, PASSWORD } from '../test-node.ts';
import { until } from '../until.ts';

test('[LIMIT-1] frames that are not UTF-8 count as well', async (t) => {
  const node = await openTestNode(t, { settings: { requestBurst: 5, requestsPerSecond: 1 } });
  const tester = node.native();
  for (let n = 0; n < 8; n += 1) tester.link.receive(Buffer.from([0xff, 0x0a]));
  await until(() => tester.answers.length === 8);
  const codes = tester.answers.map(({ err }) => err.code);
  assert.deepEqual(codes, [...Array(5).fill('malformed'), ...Array(3).fill('rate_limited')]);
});

test('[WIRE-3] answers that come when the queue is full wait until it has drained', async (t) => {
  const node = await openTestNode(t);
  const [ann, bystander] = [await node.user('ann'), await node.user('ben')];
  const gate = Promise.withResolvers<undefined>();
  Object.assign(node.store, { findUserByKey: () => gate.promise });
  for (let n = 0; n < 3; n += 1) ann.put('whois', { user: 'nobody' });
  ann.link.isFull = true;
  await ann.ok('ping');
  gate.resolve(undefined);
  await bystander.ok('devices');
  assert.equal(ann.answers.length, 2, 'the answers of register and ping');
  ann.link.drain();
  await until(() => ann.answers.length === 5);
});

test('[ORDER-2] a send to a known conversation passes none that waits for another to be looked up', async (t) => {
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const node = await openTestNode(t);
  const [ann, ben] = [await node.user('ann'), await node.user('ben')];
  await node.user('cid');
  const openDirect = node.store.openDirect.bind(node.store);
  Object.assign(node.store, {
    async openDirect(one: never, other: never) {
      await gates[[one, other].includes(ben.id as never) ? 0 : 1]?.promise;
      return openDirect(one, other);
    },
  });
  const first = ann.put('send', { to: '@ben', text: 'first', clientId: '1' });
  const second = ann.put('send', { to: '@cid', text: 'second', clientId: '2' });
  gates[0]?.resolve();
  await ann.answer(first);
  const third = ann.put('send', { to: '@ben', text: 'third', clientId: '3' });
  gates[1]?.resolve();
  await Promise.all([ann.answer(second), ann.answer(third)]);
  assert.deepEqual(
    ann.answers.map(({ re }) => re).filter((re) => re >= first),
    [first, second, third],
  );
});

test('[LIMIT-1] log-ins that fail do not put off the end of a connection without one', async (t) => {
  const node = await openTestNode(t, { settings: { loginTimeoutMs: 60_000 } });
  await node.user('ann');
  const tester = node.native();
  for (let n = 0; n < 3; n += 1) {
    assert.equal(await tester.code('login', { user: 'ann', password: 'a wrong one' }), 'bad_credentials');
    node.clock.advance(20_500);
  }
  assert.equal((await tester.event(({ ev }) => ev === 'close'))['reason'], 'login_timeout');
});

test('[PRES-1] a connection that closes while its log-in is checked leaves nobody present', async (t) => {
  const node = await openTestNode(t);
  const ann = await node.user('ann');
  const gate = Promise.withResolvers<void>();
  node.hasher.gate = gate.promise;
  const phone = node.native();
  phone.put('login', { user: 'ann', password: PASSWORD });
  await until(() => node.hasher.verified.length === 1);
  phone.link.close();
  gate.resolve();
  for (let made = 1; made < 2; ) made = (await ann.ok('devices'))['devices'].length;
  await ann.ok('devices');
  await ann.ok('devices');
  assert.equal(node.chat.presence.sessionsOf(ann.id as never), 1);
});
