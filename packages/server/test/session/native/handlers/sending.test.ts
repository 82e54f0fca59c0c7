import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Frame, openTestNode } from '../../test-node.ts';
import { until } from '../../until.ts';

test('[IDENT-1] who says something comes from the session, whatever else the frame claims', async (t) => {
  const node = await openTestNode(t);
  const [ann, ben] = [await node.user('ann'), await node.user('ben')];
  await ben.synced();
  const forged = {
    from: { id: ben.id, name: 'ben' },
    author: ben.id,
    user: ben.id,
    name: 'ben',
    seq: 77,
    time: 0,
    ord: 9,
  };
  const { conversation, seq } = await ann.ok('send', { to: '@ben', text: 'hi', clientId: '1', ...forged });
  assert.equal(seq, 1);
  const entry = await ben.event(({ ev }) => ev === 'entry');
  assert.deepEqual(entry['from'], { id: ann.id, name: 'ann' });
  assert.equal(entry['conversation'], conversation);
  assert.equal(conversation, `d${ann.id}-${ben.id}`);
  assert.notEqual(entry['time'], 0);
});

test('[SEND-2] [SEND-3] a repeat gets the first outcome, another content under the same id is refused', async (t) => {
  const node = await openTestNode(t);
  const [ann, ben] = [await node.user('ann'), await node.user('ben')];
  const first = await ann.ok('send', { to: '@ben', text: 'hi', clientId: '1' });
  const elsewhere = await node.login('ann');
  for (const to of ['@ben', `u${ben.id}`, first['conversation'], '@BEN']) {
    assert.deepEqual(await elsewhere.ok('send', { to, text: 'hi', clientId: '1' }), { ...first, duplicate: true });
  }
  assert.equal(await ann.code('send', { to: '@ben', text: 'Hi', clientId: '1' }), 'id_conflict');
  await ben.ok('send', { to: '@ann', text: 'mine', clientId: '1' });
  const group = await node.group('ops', [ann]);
  const inGroup = await ann.ok('send', { to: group, text: 'there', clientId: '1' });
  assert.equal('duplicate' in inGroup, false, 'an id counts per conversation and author');
  assert.equal(await ann.code('leave', { group, clientId: '1' }), 'id_conflict');
});

test('[SEND-4] a client id\u2019s outcome can be asked for and made final', async (t) => {
  const node = await openTestNode(t);
  const [ann, ben] = [await node.user('ann'), await node.user('ben')];
  assert.deepEqual(await ann.ok('outcome', { to: '@ben', clientId: '1' }), { state: 'unknown' });
  const sent = await ann.ok('send', { to: '@ben', text: 'hi', clientId: '1' });
  const { duplicate, ...numbers } = await ann.ok('outcome', { to: '@ben', clientId: '1' });
  assert.deepEqual(numbers, { state: 'committed', ...sent });
  assert.equal(duplicate, true);
  assert.equal((await ann.ok('cancel', { to: '@ben', clientId: '1' }))['state'], 'committed', 'too late');
  assert.deepEqual(await ben.ok('outcome', { to: '@ann', clientId: '1' }), { state: 'unknown' }, 'not his');
  assert.deepEqual(await ann.ok('cancel', { to: '@ben', clientId: '2' }), { state: 'cancelled' });
  assert.deepEqual(await ann.ok('cancel', { to: '@ben', clientId: '2' }), { state: 'cancelled' });
  assert.equal(await ann.code('send', { to: '@ben', text: 'late', clientId: '2' }), 'cancelled');
  assert.deepEqual(await ann.ok('outcome', { to: '@ben', clientId: '2' }), { state: 'cancelled' });
  await ann.ok('send', { to: '@ben', text: 'next', clientId: '3', after: '2' });
});

test('[SEND-4] past members may ask and cancel, strangers learn nothing', async (t) => {
  const node = await openTestNode(t);
  const [ann, ben, eve] = [await node.user('ann'), await node.user('ben'), await node.user('eve')];
  const group = await node.group('ops', [ann, ben]);
  await ben.ok('send', { to: group, text: 'x', clientId: '1' });
  await ann.ok('kick', { group, user: ben.id, clientId: 'k' });
  assert.equal((await ben.ok('outcome', { to: group, clientId: '1' }))['state'], 'committed');
  assert.equal((await ben.ok('cancel', { to: group, clientId: '2' }))['state'], 'cancelled');
  assert.deepEqual(await eve.ok('outcome', { to: group, clientId: '1' }), { state: 'unknown' });
  assert.equal(await eve.code('cancel', { to: group, clientId: '1' }), 'not_member');
  const { conversation } = await ann.ok('send', { to: '@ben', text: 'x', clientId: '1' });
  for (const op of ['outcome', 'cancel']) {
    assert.equal(await eve.code(op, { to: conversation, clientId: '1' }), 'no_such_conversation');
  }
});

test('[SEND-4] what waits for the store is pending', async (t) => {
  const gate = Promise.withResolvers<void>();
  let isHeld = false;
  const node = await openTestNode(t, {
    wrap: (store) => {
      const commit = store.commit.bind(store);
      return Object.assign(store, {
        commit: async (batch: never) => {
          if (isHeld) await gate.promise;
          return commit(batch);
        },
      });
    },
  });
  const ann = await node.user('ann');
  const group = await node.group('ops', [ann]);
  isHeld = true;
  const id = ann.put('send', { to: group, text: 'x', clientId: '1' });
  await until(() => node.delivery.isPending(1 as never, ann.id as never, '1'));
  assert.deepEqual(await ann.ok('outcome', { to: group, clientId: '1' }), { state: 'pending' });
  gate.resolve();
  assert.ok((await ann.answer(id))['ok']);
  assert.equal((await ann.ok('outcome', { to: group, clientId: '1' }))['state'], 'committed');
});

test('[ORDER-2] a send never passes the one that it names', async (t) => {
  const node = await openTestNode(t);
  const ann = await node.user('ann');
  await node.user('ben');
  const to = '@ben';
  await ann.ok('send', { to, text: 'a', clientId: 'a' });
  const { err } = await ann.ask('send', { to, text: 'c', clientId: 'c', after: 'b' });
  assert.equal(err.code, 'after_failed');
  await ann.ok('send', { to, text: 'b', clientId: 'b', after: 'a' });
  await ann.ok('send', { to, text: 'c', clientId: 'c', after: 'b' });
});

test('texts at and beyond their limits', async (t) => {
  const node = await openTestNode(t);
  const ann = await node.user('ann');
  await node.user('ben');
  let n = 0;
  const send = async (text: string): Promise<string> => {
    n += 1;
    const { err } = await ann.ask('send', { to: '@ben', text, clientId: `${n}` });
    return err?.code ?? 'ok';
  };
  assert.equal(await send(''), 'text_empty');
  assert.equal(await send(' \t\n\u2003'), 'text_empty');
  assert.equal(await send('\u0301\u0301'), 'ok', 'combining marks alone can be seen');
  assert.equal(await send('x'.repeat(8_192)), 'ok');
  assert.equal(await send('x'.repeat(8_193)), 'text_too_long');
  assert.equal(await send('ä'.repeat(4_096)), 'ok');
  assert.equal(await send('ä'.repeat(4_097)), 'text_too_long');
  assert.equal(await send('a\0b'), 'text_malformed');
  assert.equal(await send('a\uDC00b'), 'text_malformed');
  assert.equal(await send('\u0001'.repeat(8_192)), 'ok', 'six bytes each in JSON, and still one frame');
  await ann.synced();
  assert.ok(ann.link.written.every((frame) => Buffer.byteLength(frame) <= 65_536));
});

test('addresses that mean nobody, oneself or another\u2019s conversation are refused', async (t) => {
  const node = await openTestNode(t);
  const [ann, ben, eve] = [await node.user('ann'), await node.user('ben'), await node.user('eve')];
  const send = (to: string): Promise<string> => ann.code('send', { to, text: 'x', clientId: 'x' });
  for (const to of [
    '',
    'ben',
    '@',
    '#',
    'u',
    'u0',
    'g01',
    `d${ben.id}-${ann.id}`,
    `d${ann.id}-${ann.id}`,
    'u9999999999',
  ]) {
    assert.equal(await send(to), 'bad_address', to);
  }
  assert.equal(await send('@nobody'), 'no_such_user');
  assert.equal(await send('u999'), 'no_such_user');
  assert.equal(await send('#nothing'), 'no_such_group');
  assert.equal(await send('g999'), 'no_such_group');
  assert.equal(await send('@ann'), 'not_yourself');
  assert.equal(await send(`d${ben.id}-${eve.id}`), 'no_such_conversation');
  assert.equal(await send(`d${ann.id}-999`), 'no_such_user');
  for (const clientId of ['', 'x'.repeat(65), 'ä', 'a\n']) {
    assert.equal(await ann.code('send', { to: '@ben', text: 'x', clientId }), 'bad_client_id');
    assert.equal(await ann.code('send', { to: '@ben', text: 'x', clientId: 'y', after: clientId }), 'bad_client_id');
  }
});

test('[DELIV-1] an entry reaches every session of every member once, the sender\u2019s own included', async (t) => {
  const node = await openTestNode(t);
  const [ann, ben] = [await node.user('ann'), await node.user('ben')];
  const group = await node.group('ops', [ann, ben]);
  const others = [await node.login('ann'), await node.login('ben')];
  const everybody = [ann, ben, ...others];
  for (const tester of everybody) await tester.synced();
  for (let n = 0; n < 20; n += 1) (n % 2 === 0 ? ann : ben).put('send', { to: group, text: `${n}`, clientId: `${n}` });
  const texts = (tester: { entries(of: string): Frame[] }): string[] =>
    tester.entries(group).flatMap(({ text }) => (text === undefined ? [] : [text]));
  await until(() => everybody.every((tester) => texts(tester).length === 20));
  for (const tester of everybody) {
    const seqs = tester.entries(group).map(({ seq }) => seq);
    assert.deepEqual(
      seqs,
      Array.from(seqs, (_, index) => seqs[0] + index),
    );
    assert.equal(seqs.at(-1), 22);
    assert.deepEqual(texts(tester), texts(ann));
  }
});

test('[DELIV-1] a second sync on a session is refused; its chunks are taken together', async (t) => {
  const node = await openTestNode(t);
  const ann = await node.user('ann');
  const group = await node.group('ops', [ann]);
  const { seq, tag } = await ann.ok('send', { to: group, text: 'x', clientId: 'x' });
  const phone = await node.login('ann');
  await phone.ok('sync', { cursors: [{ conversation: group, seq, tag }], more: true });
  await phone.ok('sync', { default: { mode: 'full' }, more: true });
  assert.deepEqual(phone.events, []);
  await phone.synced({});
  assert.deepEqual(phone.entries(group), [], 'nothing after the cursor');
  assert.equal(await phone.code('sync'), 'bad_request');
  await ann.ok('send', { to: group, text: 'y', clientId: 'y' });
  await phone.event(({ text }) => text === 'y');
});
