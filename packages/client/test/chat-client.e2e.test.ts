import assert from 'node:assert/strict';
import test from 'node:test';
import { ChatClient, ClientError, connect, type LinkStatus } from '@parley/client';
import { entryFields, startScriptedServer } from './scripted-server.ts';

test('[CLIENT-1] connects, resumes and says in which state the link is', async (t) => {
  const server = await startScriptedServer(t);
  const client = new ChatClient({ server: server.address, token: 'secret' });
  const states: string[] = [];
  client.on('status', (status) => states.push(status.state));
  await client.connect();
  assert.deepEqual(client.user, { id: 42, name: 'alice' });
  assert.deepEqual(
    server.requests.map((request) => request.op),
    ['hello', 'resume'],
  );
  await client.close();
  assert.deepEqual(states, ['connecting', 'online', 'offline']);
  assert.equal(client.status.state === 'offline' && client.status.reason, 'closed');
});

test('[CLIENT-1] a token that is refused ends the attempts, and says why', async (t) => {
  const server = await startScriptedServer(t, (request, peer) => {
    if (request.op !== 'resume') return false;
    peer.refuse(request, 'bad_token');
    return true;
  });
  const client = new ChatClient({ server: server.address, token: 'old', reconnect: true });
  await assert.rejects(
    client.connect(),
    (error: ClientError) => error.kind === 'refused' && error.code === 'bad_token',
  );
  assert.equal(client.status.state === 'offline' && client.status.reason, 'auth');
});

test('[CLIENT-1] after a lost link it comes back, resumes, and syncs from where it stood', async (t) => {
  const server = await startScriptedServer(t, (request, peer) => {
    if (request.op === 'sync') {
      peer.ok(request);
      if ((request['cursors'] as unknown[]).length > 0) peer.event('entry', entryFields(3));
      else for (const seq of [1, 2]) peer.event('entry', entryFields(seq));
      peer.event('synced');
      return true;
    }
    return false;
  });
  const sources = { monotonicMs: () => performance.now(), wallMs: () => Date.now(), random: () => 0.01 };
  const client = await connect({ server: server.address, token: 'secret', reconnect: true, sources });
  t.after(async () => await client.close());
  const seqs: number[] = [];
  client.on('entry', (entry) => seqs.push(entry.seq));
  const synced = client.waitFor('synced');
  await client.sync({ default: { mode: 'lazy', last: 2 } });
  await synced;
  const waiting = client.waitFor('status', (status: LinkStatus) => status.state === 'waiting');
  const again = client.waitFor('synced');
  server.peers[0]?.destroy();
  await waiting;
  await again;
  assert.deepEqual(seqs, [1, 2, 3]);
  const last = server.requests.filter((request) => request.op === 'sync').at(-1);
  assert.deepEqual(last?.['cursors'], [{ conversation: 'g7', seq: 2, tag: 20, want: { mode: 'full' } }]);
});

test('[CLIENT-2] duplicates are dropped, and a hole that no gap told makes it sync again', async (t) => {
  let syncs = 0;
  const server = await startScriptedServer(t, (request, peer) => {
    if (request.op !== 'sync') return false;
    syncs += 1;
    peer.ok(request);
    const seqs = syncs === 1 ? [1, 1, 2, 5, 6] : [3, 4, 5];
    for (const seq of seqs) peer.event('entry', entryFields(seq));
    peer.event('synced');
    return true;
  });
  const sources = { monotonicMs: () => performance.now(), wallMs: () => Date.now(), random: () => 0.01 };
  const client = await connect({ server: server.address, token: 'secret', reconnect: true, sources });
  t.after(async () => await client.close());
  const seqs: number[] = [];
  client.on('entry', (entry) => seqs.push(entry.seq));
  const synced = client.waitFor('synced');
  await client.sync().catch(() => {}); // the connection ends under it
  await synced;
  assert.deepEqual(seqs, [1, 2, 3, 4, 5]);
});

test('[CLIENT-2] a second sync of a session is refused, and what is known stays known', async (t) => {
  const server = await startScriptedServer(t, (request, peer) => {
    if (request.op !== 'sync') return false;
    peer.ok(request);
    peer.event('entry', entryFields(1));
    peer.event('synced');
    return true;
  });
  const client = await connect({ server: server.address, token: 'secret' });
  t.after(async () => await client.close());
  await Promise.all([client.waitFor('synced'), client.sync()]);
  const before = client.cursors();
  await assert.rejects(client.sync(), { kind: 'refused', code: 'bad_request' });
  assert.equal(before.length, 1);
  assert.deepEqual(client.cursors(), before);
});

test('[CLIENT-2] an acknowledged entry that has not come is named at the next sync', async (t) => {
  const server = await startScriptedServer(t, (request, peer) => {
    if (request.op === 'sync') {
      peer.ok(request);
      if (server.requests.filter((other) => other.op === 'sync').length === 1) peer.event('entry', entryFields(1));
      peer.event('synced');
      return true;
    }
    if (request.op === 'send') peer.ok(request, { conversation: 'g7', seq: 2, ord: 2, tag: 99, time: 2 });
    return request.op === 'send';
  });
  const sources = { monotonicMs: () => performance.now(), wallMs: () => Date.now(), random: () => 0.01 };
  const client = await connect({ server: server.address, token: 'secret', reconnect: true, sources });
  t.after(async () => await client.close());
  await Promise.all([client.waitFor('synced'), client.sync()]);
  await client.send('g7', 'hi');
  const again = client.waitFor('synced');
  server.peers[0]?.destroy();
  await again;
  const last = server.requests.filter((request) => request.op === 'sync').at(-1);
  assert.deepEqual(last?.['cursors'], [
    { conversation: 'g7', seq: 1, tag: 10, acked: [[2, 99]], want: { mode: 'full' } },
  ]);
});

test('[ORDER-2] sends are linked; what a refusal leaves behind is linked over it and goes again', async (t) => {
  let seq = 0;
  const stored: string[] = [];
  const server = await startScriptedServer(t, (request, peer) => {
    if (request.op !== 'send') return false;
    const after = request['after'] as string | undefined;
    if (request['text'] === 'bad') peer.refuse(request, 'text_too_long');
    else if (after !== undefined && !stored.includes(after)) peer.refuse(request, 'after_failed');
    else {
      seq += 1;
      stored.push(request['clientId'] as string);
      peer.ok(request, { conversation: 'g7', seq, ord: seq, tag: seq, time: seq });
    }
    return true;
  });
  const client = await connect({ server: server.address, token: 'secret' });
  t.after(async () => await client.close());
  const outcomes = await Promise.allSettled(
    ['one', 'bad', 'two', 'three'].map(async (text) => await client.send('#lunch', text, { clientId: text })),
  );
  assert.deepEqual(
    outcomes.map((outcome) => outcome.status),
    ['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
  );
  assert.deepEqual(stored, ['one', 'two', 'three']);
});

test('without reconnect, a send whose answer is lost has an unknown outcome and tells its client id', async (t) => {
  const server = await startScriptedServer(t, (request, peer) => {
    if (request.op === 'send') peer.destroy();
    return request.op === 'send';
  });
  const client = await connect({ server: server.address, token: 'secret' });
  await assert.rejects(client.send('g7', 'hi', { clientId: 'c1' }), (error: ClientError) => {
    return error.kind === 'unknown_outcome' && error.clientId === 'c1';
  });
  await assert.rejects(client.send('g7', 'hi'), (error: ClientError) => error.kind === 'lost');
});

test('with reconnect, a send whose answer is lost goes again under the same client id', async (t) => {
  let tries = 0;
  const server = await startScriptedServer(t, (request, peer) => {
    if (request.op !== 'send') return false;
    tries += 1;
    if (tries === 1) peer.destroy();
    else peer.ok(request, { conversation: 'g7', seq: 1, ord: 1, tag: 1, time: 1, duplicate: true });
    return true;
  });
  const sources = { monotonicMs: () => performance.now(), wallMs: () => Date.now(), random: () => 0.01 };
  const client = await connect({ server: server.address, token: 'secret', reconnect: true, sources });
  t.after(async () => await client.close());
  const sent = await client.send('g7', 'hi');
  assert.equal(sent.duplicate, true);
  const ids = server.requests.filter((request) => request.op === 'send').map((request) => request['clientId']);
  assert.deepEqual(ids, [sent.clientId, sent.clientId]);
});

test('unknown events, fields and replies are ignored; what is no JSON ends the link', async (t) => {
  const server = await startScriptedServer(t, (request, peer) => {
    if (request.op !== 'sync') return false;
    peer.ok(request, { news: true });
    peer.raw('{"ev":"typing","user":7}\n{"re":999,"ok":{}}\n{"neither":1}\n');
    peer.event('entry', entryFields(1, { kind: 'poll', extra: [1] }));
    peer.raw('HTTP/1.1 400 Bad Request\n');
    return true;
  });
  const client = await connect({ server: server.address, token: 'secret' });
  const kinds: string[] = [];
  client.on('entry', (entry) => kinds.push(entry.kind));
  const offline = client.waitFor('status', (status: LinkStatus) => status.state === 'offline');
  await client.sync();
  const [status] = await offline;
  assert.deepEqual(kinds, ['poll']);
  assert.match(status.state === 'offline' ? status.error.message : '', /does not speak Parley/);
});

test('a server that cannot be reached: the error is not empty and names the address', async () => {
  await assert.rejects(connect({ server: '127.0.0.1:1' }), (error: ClientError) => {
    assert.ok(error instanceof ClientError);
    return error.kind === 'unreachable' && error.message.includes('127.0.0.1:1');
  });
});
