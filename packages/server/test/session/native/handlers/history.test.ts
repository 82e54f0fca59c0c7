import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Frame, openTestNode } from '../../test-node.ts';

/** A group in which ben was for 2–4 and is since 8: 1 create, 2 join, 3 text, 4 leave, 5–7 text, 8 join, 9–10 text. */
async function twoStays(t: TestContext) {
  const node = await openTestNode(t);
  const [ann, ben] = [await node.user('ann'), await node.user('ben')];
  const group = await node.group('ops', [ann, ben]);
  let n = 0;
  const say = (): Promise<Frame> => ann.ok('send', { to: group, text: `text ${(n += 1)}`, clientId: `s${n}` });
  await say();
  await ben.ok('leave', { group, clientId: 'l' });
  for (let times = 0; times < 3; times += 1) await say();
  await ben.ok('join', { group, clientId: 'j' });
  for (let times = 0; times < 2; times += 1) await say();
  return { node, ann, ben, group };
}

function seqs(page: Frame): number[] {
  return page['entries'].map(({ seq }: Frame) => seq);
}

test('[VIS-1] history gives the stays of the asker and nothing between', async (t) => {
  const { ann, ben, group } = await twoStays(t);
  assert.deepEqual(seqs(await ann.ok('history', { conversation: group })), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  const newest = await ben.ok('history', { conversation: group });
  assert.deepEqual([seqs(newest), newest['more']], [[8, 9, 10], true]);
  const older = await ben.ok('history', { conversation: group, before: 8 });
  assert.deepEqual([seqs(older), older['more']], [[2, 3, 4], false]);
  for (const before of [5, 6, 7])
    assert.deepEqual(seqs(await ben.ok('history', { conversation: group, before })), [2, 3, 4]);
  const on = await ben.ok('history', { conversation: group, after: 3 });
  assert.deepEqual([seqs(on), on['more']], [[4], true]);
  const last = await ben.ok('history', { conversation: group, after: 4 });
  assert.deepEqual([seqs(last), last['more']], [[8, 9, 10], false]);
});

test('[VIS-1] history goes page by page, both ways, with limits far beyond and places beyond the ends', async (t) => {
  const { node, ann, group } = await twoStays(t);
  const ask = (fields: object): Promise<Frame> => ann.ok('history', { conversation: group, ...fields });
  const back: number[] = [];
  for (let before: number | undefined; ; before = back[0]) {
    const page = await ask({ limit: 3, ...(before !== undefined && { before }) });
    back.unshift(...seqs(page));
    if (page['more'] === false) break;
  }
  assert.deepEqual(back, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  const on: number[] = [];
  for (let after = 0; ; after = on.at(-1) as number) {
    const page = await ask({ limit: 3, after });
    on.push(...seqs(page));
    if (page['more'] === false) break;
  }
  assert.deepEqual(on, back);
  assert.equal(seqs(await ask({ limit: 1e9 })).length, 10);
  assert.deepEqual(await ask({ after: 10 }), { entries: [], more: false });
  assert.deepEqual(await ask({ after: Number.MAX_SAFE_INTEGER }), { entries: [], more: false });
  assert.deepEqual(await ask({ before: 1 }), { entries: [], more: false });
  assert.deepEqual(await ask({ before: 0 }), { entries: [], more: false });
  assert.equal(seqs(await ask({ before: Number.MAX_SAFE_INTEGER })).length, 10);
  assert.equal(await ann.code('history', { conversation: group, limit: 0 }), 'bad_request');
  assert.deepEqual(node.mistakes, []);
});

test('[VIS-1] a past member reads what was his, a stranger and a blocked friend nothing of others', async (t) => {
  const { node, ben, group } = await twoStays(t);
  await ben.ok('leave', { group, clientId: 'l2' });
  assert.deepEqual(seqs(await ben.ok('history', { conversation: group })), [8, 9, 10, 11]);
  const eve = await node.user('eve');
  for (const conversation of [group, '#ops', 'd1-2', 'g99', '@ann']) {
    assert.match(await eve.code('history', { conversation }), /^no_such_(conversation|group)$/, conversation);
  }
  assert.equal(await eve.code('history', { conversation: 'nonsense' }), 'bad_address');
});

test('[VIS-1] [IDENT-2] who is put out while a page is read sees nothing of what was said afterwards', async (t) => {
  const gate = Promise.withResolvers<void>();
  const isAsked = Promise.withResolvers<void>();
  const node = await openTestNode(t);
  const [ann, ben] = [await node.user('ann'), await node.user('ben')];
  const group = await node.group('ops', [ann, ben]);
  const { store } = node;
  const readBackward = store.readBackward.bind(store);
  Object.assign(store, {
    async readBackward(...question: Parameters<typeof readBackward>) {
      isAsked.resolve();
      await gate.promise;
      return readBackward(...question);
    },
  });
  const page = ben.ok('history', { conversation: group });
  await isAsked.promise;
  await ann.ok('kick', { group, user: ben.id, clientId: 'k' });
  await ann.ok('send', { to: group, text: 'now that he is gone', clientId: '1' });
  gate.resolve();
  assert.deepEqual(seqs(await page), [2, 3]);
});

test('a page of long texts is cut to a frame and goes on', async (t) => {
  const node = await openTestNode(t);
  const [ann] = [await node.user('ann'), await node.user('ben')];
  for (let n = 1; n <= 12; n += 1) await ann.ok('send', { to: '@ben', text: '\u0002'.repeat(8_000), clientId: `${n}` });
  const found: number[] = [];
  for (let before: number | undefined; ; before = found[0]) {
    const page = await ann.ok('history', { conversation: '@ben', limit: 500, ...(before !== undefined && { before }) });
    assert.ok(page['entries'].length > 0);
    found.unshift(...seqs(page));
    if (page['more'] === false) break;
  }
  assert.deepEqual(
    found,
    Array.from({ length: 12 }, (_, n) => n + 1),
  );
  assert.ok(ann.link.written.every((frame) => Buffer.byteLength(frame) <= 65_536));
});
