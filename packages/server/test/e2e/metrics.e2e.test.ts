import assert from 'node:assert/strict';
import { test } from 'node:test';
import { embeddedNode, RawPeer } from './embedded-node.ts';

test('[OPS-4] what a node does shows in its metrics, and nothing that anybody said', async (t) => {
  const node = await embeddedNode(t, { http: '127.0.0.1:0' });
  const ann = await RawPeer.connect(node.port);
  t.after(() => ann.close());
  await ann.get('register', { name: 'ann', password: 'long enough' });
  const ben = await RawPeer.connect(node.port);
  t.after(() => ben.close());
  await ben.get('register', { name: 'ben', password: 'long enough' });
  await ann.get('send', { to: '@ben', text: 'a note', clientId: 'one' });
  assert.equal(await ann.refusal('send', { to: '@nobody', text: 'hello', clientId: 'two' }), 'no_such_user');
  const text = await (await fetch(`http://127.0.0.1:${node.httpPort}/metrics`)).text();
  const value = (name: string) =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.split(' ')[1],
    );
  assert.equal(value('parley_connections'), 2);
  assert.equal(value('parley_users_online'), 2);
  assert.equal(value('parley_requests_total'), 4);
  assert.equal(value('parley_entries_total'), 1);
  assert.equal(value('parley_commits_total'), 1);
  assert.equal(value('parley_refusals_total{code="no_such_user"}'), 1);
  assert.ok(value('process_resident_memory_bytes') > 10_000_000);
  assert.doesNotMatch(text, /ann|ben|note|hello|NaN|undefined/);
});
