import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test, { type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ChatClient, type ClientError, connect, Outbox } from '@parley/client';
import { LIMITS } from '@parley/protocol';
import { type Script, type ScriptedServer, startScriptedServer } from '../scripted-server.ts';

const TEN_MINUTES_MS = 600_000;

/** A profile's file; each `open` is another life of the program. */
class Profile {
  nowMs = 1_000_000;
  readonly #t: TestContext;
  readonly file: string;

  constructor(t: TestContext) {
    const folder = mkdtempSync(path.join(tmpdir(), 'parley-outbox-'));
    this.#t = t;
    this.file = path.join(folder, 'store.db');
    t.after(() => rmSync(folder, { recursive: true }));
  }

  /** Without a server the client has no link, and gets none. */
  async open(server?: ScriptedServer): Promise<Outbox> {
    const options = { token: 'any', reconnect: true };
    const client =
      server === undefined ? new ChatClient(options) : await connect({ ...options, server: server.address });
    this.#t.after(async () => await client.close());
    return this.openWith(client);
  }

  openWith(client: ChatClient): Outbox {
    const outbox = new Outbox(client, { file: this.file, account: 'alice' }, () => this.nowMs);
    this.#t.after(() => outbox[Symbol.dispose]());
    return outbox;
  }

  /** Writes messages down, or has them on the wire without an answer, and ends. */
  async leave(messages: readonly [to: string, clientId: string][], server?: ScriptedServer): Promise<void> {
    const outbox = await this.open(server);
    outbox.add(messages.map(([to, clientId]) => ({ to, clientId, text: clientId })));
    const isOut = (id: string): boolean => server?.requests.some((request) => isSendOf(request, id)) !== false;
    await until(() => messages.every(([, id]) => isOut(id)));
    outbox[Symbol.dispose]();
  }
}

interface Requested {
  readonly op: string;
  readonly clientId?: unknown;
}

function isSendOf({ op, clientId }: Requested, id: string): boolean {
  return op === 'send' && clientId === id;
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error('waited in vain');
    await sleep(5);
  }
}

function ids(items: readonly { readonly clientId: string }[]): string[] {
  return items.map(({ clientId }) => clientId);
}

const stored = { conversation: 'g7', seq: 5, ord: 5, tag: 50, time: 5 };

/** Stores what is sent. */
const storing: Script = (request, peer) => {
  if (request.op === 'send') peer.ok(request, stored);
  return request.op === 'send';
};

function sentTo(server: ScriptedServer): unknown[] {
  return server.requests.filter(({ op }) => op === 'send').map(({ clientId }) => clientId);
}

test('[OUTBOX-1] what is older than 10 minutes is held with all behind it, other chats go; retry sends it first', async (t) => {
  const profile = new Profile(t);
  await profile.leave([['@bob', 'old']]);
  profile.nowMs += TEN_MINUTES_MS + 1;
  const server = await startScriptedServer(t, storing);
  const outbox = await profile.open(server);
  assert.deepEqual(ids(outbox.held()), ['old']);
  outbox.add([
    { to: '@BOB', clientId: 'behind', text: 'x' },
    { to: '@carol', clientId: 'other', text: 'x' },
  ]);
  await outbox.settled('other', 20_000);
  await until(() => !outbox.isBusy);
  assert.deepEqual(sentTo(server), ['other']);
  outbox.retry(['old']);
  await until(() => !outbox.isBusy);
  assert.deepEqual(sentTo(server), ['other', 'old', 'behind']);
});

test('[OUTBOX-1] what is 10 minutes old to the millisecond goes by itself', async (t) => {
  const profile = new Profile(t);
  await profile.leave([['@bob', 'm']]);
  profile.nowMs += TEN_MINUTES_MS;
  const server = await startScriptedServer(t, storing);
  const outbox = await profile.open(server);
  assert.deepEqual(outbox.held(), []);
  await until(() => outbox.items().length === 0);
  assert.deepEqual(sentTo(server), ['m']);
});

test('[OUTBOX-3] a held message that may have arrived: the server is asked, and what is stored is not sent again', async (t) => {
  const profile = new Profile(t);
  const silent = await startScriptedServer(t);
  await profile.leave(
    [
      ['@bob', 'stored'],
      ['@carol', 'lost'],
    ],
    silent,
  );
  profile.nowMs += TEN_MINUTES_MS + 1;
  const server = await startScriptedServer(t, (request, peer) => {
    if (request.op !== 'outcome') return storing(request, peer);
    peer.ok(request, request['clientId'] === 'stored' ? { state: 'committed', ...stored } : { state: 'unknown' });
    return true;
  });
  const outbox = await profile.open(server);
  // Both wait while the server is asked; then one of them stands behind nothing.
  outbox.add([
    { to: '@bob', clientId: 'after-stored', text: 'x' },
    { to: '@carol', clientId: 'after-lost', text: 'x' },
  ]);
  assert.deepEqual(sentTo(server), []);
  await until(() => ids(outbox.items()).join() === 'lost,after-lost');
  assert.deepEqual(ids(outbox.held()), ['lost']);
  assert.deepEqual(sentTo(server), ['after-stored']);
});

test('[OUTBOX-1] a link that was away for 10 minutes: what waited for it is held, and whoever waits goes on waiting', async (t) => {
  const profile = new Profile(t);
  let isThere = false;
  const server = await startScriptedServer(t, (request, peer) => {
    if (!isThere && request.op === 'resume') peer.destroy();
    return !isThere || storing(request, peer) === true;
  });
  const client = new ChatClient({ token: 'any', reconnect: true, server: server.address });
  client.connect().catch(() => undefined);
  t.after(async () => await client.close());
  const outbox = profile.openWith(client);
  outbox.add([{ to: '@bob', clientId: 'old', text: 'x' }]);
  profile.nowMs += TEN_MINUTES_MS + 1;
  outbox.add([
    { to: '@bob', clientId: 'young', text: 'x' },
    { to: '@carol', clientId: 'other', text: 'x' },
  ]);
  const settled = outbox.settled('old', 20_000);
  isThere = true;
  client.reconnectNow();
  await outbox.settled('other', 20_000);
  assert.deepEqual([ids(outbox.held()), sentTo(server)], [['old'], ['other']]);
  outbox.retry(['old']);
  await settled;
  await until(() => outbox.items().length === 0);
  assert.deepEqual(sentTo(server), ['other', 'old', 'young']);
});

test('[OUTBOX-1] what never went over the wire is taken back at once; what did is abandoned, and settled by the next run', async (t) => {
  const profile = new Profile(t);
  const first = await profile.open(await startScriptedServer(t));
  first.add([{ to: '@bob', clientId: 'wired', text: 'x' }]);
  await until(() => first.items()[0]?.isWired === true);
  assert.equal(first.giveUp('wired'), 'unknown');
  assert.deepEqual(
    first.items().map(({ state }) => state),
    ['abandoned'],
  );
  first[Symbol.dispose]();
  const offline = await profile.open();
  offline.add([{ to: '@bob', clientId: 'unwired', text: 'x' }]);
  assert.equal(offline.giveUp('unwired'), 'dropped');
  assert.deepEqual(ids(offline.items()), ['wired']);
  assert.ok(offline.isBusy);
});

for (const [state, more] of [
  ['committed', stored],
  ['cancelled', {}],
] as const) {
  test(`[OUTBOX-3] an abandoned message is settled by cancel, also when it turns out ${state}; no answer: it is asked again`, async (t) => {
    const profile = new Profile(t);
    const silent = await startScriptedServer(t);
    await profile.leave([['@bob', 'm']], silent);
    const offline = await profile.open();
    offline.giveUp('m');
    offline[Symbol.dispose]();
    let asked = 0;
    const server = await startScriptedServer(t, (request, peer) => {
      if (request.op !== 'cancel') return false;
      asked += 1;
      if (asked === 1) peer.refuse(request, 'busy', { retryAfterMs: 1 });
      else peer.ok(request, { state, ...more });
      return true;
    });
    const outbox = await profile.open(server);
    await until(() => outbox.items().length === 0);
    assert.deepEqual([asked, sentTo(server)], [2, []]);
    assert.equal(outbox.isBusy, false);
  });
}

test('[OUTBOX-1] time runs out while the server says slow down: its code is told, and the message stays', async (t) => {
  const server = await startScriptedServer(t, (request, peer) => {
    if (request.op === 'send') peer.refuse(request, 'rate_limited', { retryAfterMs: 60_000 });
    return request.op === 'send';
  });
  const outbox = await new Profile(t).open(server);
  outbox.add([{ to: '@bob', clientId: 'm', text: 'x' }]);
  await until(() => sentTo(server).length === 1);
  const isTold = ({ kind, code }: ClientError): boolean => kind === 'timeout' && code === 'rate_limited';
  await assert.rejects(outbox.settled('m', 200), isTold);
  assert.deepEqual(ids(outbox.items()), ['m']);
});

test('[OUTBOX-1] a log-in that is refused is no refusal of what waits', async (t) => {
  const profile = new Profile(t);
  const server = await startScriptedServer(t);
  const outbox = await profile.open(server);
  outbox.add([{ to: '@bob', clientId: 'm', text: 'x' }]);
  await until(() => sentTo(server).length === 1);
  const settled = outbox.settled('m', 20_000);
  server.peers[0]?.event('close', { reason: 'revoked', reconnect: false, message: 'This device was logged out.' });
  server.peers[0]?.destroy();
  await assert.rejects(settled, ({ kind }: ClientError) => kind === 'unknown_outcome');
  assert.deepEqual(
    outbox.items().map(({ state }) => state),
    ['waiting'],
  );
});

test('[OUTBOX-2] two outboxes on one file: one sends, and the other learns what became of its message', async (t) => {
  const profile = new Profile(t);
  const [one, two] = [await startScriptedServer(t, storing), await startScriptedServer(t, storing)];
  const owner = await profile.open(one);
  owner.add([]);
  const other = await profile.open(two);
  other.add([{ to: '@bob', clientId: 'm', text: 'x' }]);
  assert.equal((await other.settled('m', 20_000)).seq, 5);
  owner[Symbol.dispose]();
  other.add([{ to: '@bob', clientId: 'n', text: 'x' }]);
  await other.settled('n', 20_000);
  assert.deepEqual([sentTo(one), sentTo(two)], [['m'], ['n']]);
});

for (const [code, wrong] of [
  ['text_too_long', { text: 'x'.repeat(LIMITS.frameBytes) }],
  ['text_empty', { text: ' ' }],
  ['text_malformed', { text: '\0' }],
  ['bad_client_id', { clientId: 'a b' }],
  ['bad_address', { to: 'bob' }],
  ['bad_address', { to: `@${'x'.repeat(LIMITS.frameBytes)}` }],
] as const) {
  test(`[OUTBOX-3] what the protocol refuses never gets into the outbox, nor what was added with it: ${code}`, async (t) => {
    const server = await startScriptedServer(t, storing);
    const client = await connect({ token: 'any', server: server.address });
    const outbox = new Profile(t).openWith(client);
    t.after(async () => await client.close());
    const good = { to: '@bob', clientId: 'good', text: 'x' };
    const bad = { to: '@bob', clientId: 'bad', text: 'x', ...wrong };
    const isTold = (error: ClientError): boolean => error.kind === 'refused' && error.code === code;
    assert.throws(() => outbox.add([good, bad]), isTold);
    assert.deepEqual(outbox.items(), []);
    await assert.rejects(client.send(bad.to, bad.text, { clientId: bad.clientId }), isTold);
    assert.deepEqual(sentTo(server), []);
  });
}

test('[OUTBOX-3] C51: a disk that does not take an outcome gets it later; the message does not go again meanwhile', async (t) => {
  const profile = new Profile(t);
  let lockedAtMs = 0;
  const server = await startScriptedServer(t, (request, peer) => {
    if (request.op !== 'send') return false;
    locker.exec('BEGIN IMMEDIATE');
    lockedAtMs = performance.now();
    peer.ok(request, stored);
    return true;
  });
  const outbox = await profile.open(server);
  const locker = new DatabaseSync(profile.file);
  t.after(() => locker.close());
  outbox.add([{ to: '@bob', clientId: 'm', text: 'x' }]);
  // The write waits for the lock, and this thread with it, until it gives up.
  await until(() => lockedAtMs > 0 && performance.now() - lockedAtMs > 4_000);
  assert.deepEqual(ids(outbox.items()), ['m']);
  locker.exec('COMMIT');
  await until(() => outbox.items().length === 0);
  assert.deepEqual(sentTo(server), ['m']);
});
