import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Daemon, inFolder, temporary, until } from './e2e/daemon.ts';

test('[OPS-1] a start says how to connect, and SIGTERM ends it with 0', async (t) => {
  const folder = path.join(temporary(t), 'data');
  const daemon = new Daemon(t, { env: inFolder(folder) });
  await daemon.ready();
  assert.match(daemon.stdout, /^parleyd \S+ is ready on 127\.0\.0\.1:\d+$/m);
  assert.match(daemon.stdout, new RegExp(`chat +npm run -s chat -- 127\\.0\\.0\\.1 ${daemon.port}$`, 'm'));
  assert.match(daemon.stdout, new RegExp(`data +${folder}$`, 'm'));
  assert.equal((await fetch(`http://127.0.0.1:${daemon.httpPort}/readyz`)).status, 200);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  daemon.child.kill('SIGTERM');
  assert.equal(await daemon.exit(), 0);
  for (const line of daemon.stderr.trim().split('\n')) JSON.parse(line);
  assert.equal(existsSync(path.join(folder, 'parley.pid')), false);
});

test('[OPS-1] SIGINT ends it with 0, also when it comes twice in a row as below npm', async (t) => {
  const daemon = new Daemon(t, { env: inFolder(temporary(t)) });
  await daemon.ready();
  daemon.child.kill('SIGINT');
  daemon.child.kill('SIGINT');
  assert.equal(await daemon.exit(), 0);
});

test('[OPS-1] a client under load that heeds goaway gets every answer, and nothing that was acknowledged is lost', async (t) => {
  const env = inFolder(temporary(t));
  const daemon = new Daemon(t, { env });
  await daemon.ready();
  const ann = await LineClient.connect(t, daemon.port);
  await ann.ask({ op: 'hello', versions: [1] });
  await ann.ask({ op: 'register', name: 'ben', password: 'long enough' });
  await ann.ask({ op: 'logout' });
  await ann.ask({ op: 'register', name: 'ann', password: 'long enough' });
  const answers: Promise<Record<string, unknown>>[] = [];
  const goaway = ann.next('goaway');
  const told = { toLeave: false };
  void goaway.then(() => (told.toLeave = true));
  for (let n = 0; !told.toLeave; n += 1) {
    answers.push(ann.ask({ op: 'send', to: '@ben', clientId: `m${n}`, text: `message ${n}` }));
    if (n % 20 === 0) await sleep(1);
    if (n === 400) daemon.child.kill('SIGTERM');
  }
  const settled = await Promise.all(answers);
  ann.end();
  assert.equal(await daemon.exit(), 0);
  assert.ok(settled.length > 400);
  const seqs = settled.map(({ ok }) => (ok as { seq: number } | undefined)?.seq);
  assert.deepEqual(
    seqs,
    seqs.map((_, index) => index + 1),
    'all of them, in order',
  );
  const again = new Daemon(t, { env });
  await again.ready();
  const back = await LineClient.connect(t, again.port);
  await back.ask({ op: 'hello', versions: [1] });
  await back.ask({ op: 'login', user: 'ann', password: 'long enough' });
  const { ok } = await back.ask({ op: 'history', conversation: 'd1-2', limit: 1 });
  assert.equal((ok as { entries: { seq: number }[] }).entries[0]?.seq, settled.length);
});

test('[OPS-1] a client that stays and reads nothing delays a stop, yet no longer than the deadline', async (t) => {
  const daemon = new Daemon(t, { argv: ['--drain-ms', '1500'], env: inFolder(temporary(t)) });
  await daemon.ready();
  await stubbornClient(t, daemon);
  const start = performance.now();
  daemon.child.kill('SIGTERM');
  assert.equal(await daemon.exit(), 0);
  assert.ok(performance.now() - start < 6_000);
});

test('[OPS-1] a second signal, later, ends it at once', async (t) => {
  const daemon = new Daemon(t, { argv: ['--drain-ms', '60000'], env: inFolder(temporary(t)) });
  await daemon.ready();
  await stubbornClient(t, daemon);
  daemon.child.kill('SIGTERM');
  await daemon.logged('stopping');
  await sleep(700);
  daemon.child.kill('SIGTERM');
  assert.equal(await daemon.exit(), 143);
});

test('[CONF-1] a misspelt variable is told, without what is in it', async (t) => {
  const daemon = new Daemon(t, { env: { ...inFolder(temporary(t)), PARLEY_STROE: 'mysql://me:secret@host/x' } });
  await daemon.ready();
  await daemon.logged('PARLEY_STROE');
  assert.doesNotMatch(daemon.stderr, /secret/);
});

test('[OPS-1] C52: SIGHUP does not stop it', async (t) => {
  const daemon = new Daemon(t, { env: inFolder(temporary(t)) });
  await daemon.ready();
  daemon.child.kill('SIGHUP');
  await daemon.logged('nothing to reload');
  assert.equal((await fetch(`http://127.0.0.1:${daemon.httpPort}/healthz`)).status, 200);
});

test('[OPS-1] closed standard output and error do not stop it', async (t) => {
  const daemon = new Daemon(t, { argv: ['--log-level', 'debug'], env: inFolder(temporary(t)) });
  await daemon.ready();
  const { httpPort } = daemon;
  daemon.child.stdout?.destroy();
  daemon.child.stderr?.destroy();
  for (let n = 0; n < 5; n += 1) daemon.child.kill('SIGHUP');
  await sleep(200);
  assert.equal((await fetch(`http://127.0.0.1:${httpPort}/healthz`)).status, 200);
});

test('[OPS-1] a log that cannot be written, or that nobody reads, keeps no server from ending', {
  skip: process.platform !== 'linux',
}, async (t) => {
  const fifo = path.join(temporary(t), 'fifo');
  const full = ['/bin/sh', '-c', 'exec "$@" 2>/dev/full', 'sh'];
  // Opened for both, so that it has a reader; its 64 KiB are filled before anything is logged.
  const stuck = ['/bin/sh', '-c', `mkfifo ${fifo}; exec 2<>${fifo}; head -c 65536 /dev/zero >&2; exec "$@"`, 'sh'];
  for (const under of [full, stuck]) {
    const daemon = new Daemon(t, { under, env: inFolder(temporary(t)) });
    await daemon.ready();
    daemon.child.kill('SIGTERM');
    assert.equal(await daemon.exit(), 0, under.join(' '));
  }
});

test('[LIMIT-1] C44: out of descriptors, those inside are served and newcomers get in when some leave', async (t) => {
  const limit = 140;
  const daemon = new Daemon(t, { env: inFolder(temporary(t)), descriptors: limit });
  await daemon.ready();
  const clients = Array.from({ length: 2 * limit }, () => net.connect(daemon.port, '127.0.0.1').on('error', () => {}));
  t.after(() => clients.forEach((client) => client.destroy()));
  await daemon.logged('as many as it may have');
  assert.equal((await fetch(`http://127.0.0.1:${daemon.httpPort}/healthz`)).status, 200);
  const inside = () => clients.filter((client) => client.readyState === 'open').length;
  await until(() => clients.every((client) => client.destroyed || client.readyState === 'open') && inside() < limit);
  await sleep(300);
  assert.ok(inside() >= 40, `${inside()} are served`);
  const refusals = daemon.stderr.match(/as many as it may have/g)?.length;
  assert.equal(refusals, 1, 'said once, not once per client');
  const leavers = clients.filter((client) => client.readyState === 'open').slice(0, 20);
  for (const leaver of leavers) leaver.destroy();
  await sleep(200);
  const newcomer = net.connect(daemon.port, '127.0.0.1').on('error', () => {});
  t.after(() => newcomer.destroy());
  await sleep(300);
  assert.equal(newcomer.readyState, 'open');
});

/** Connects, reads nothing and never ends its half. */
async function stubbornClient(t: TestContext, { port }: Daemon): Promise<void> {
  const client = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  client.on('error', () => {});
  client.pause();
  t.after(() => client.destroy());
  await once(client, 'connect');
}

/** A peer of the native dialect, as plain as can be. */
class LineClient {
  readonly #socket: net.Socket;
  readonly #waiting = new Map<unknown, (frame: Record<string, unknown>) => void>();
  #lastId = 0;

  static async connect(t: TestContext, port: number): Promise<LineClient> {
    const socket = net.connect({ port, host: '127.0.0.1' }).on('error', () => {});
    t.after(() => socket.destroy());
    await once(socket, 'connect');
    return new LineClient(socket);
  }

  constructor(socket: net.Socket) {
    this.#socket = socket;
    createInterface({ input: socket }).on('line', (line) => {
      const frame = JSON.parse(line) as Record<string, unknown>;
      this.#waiting.get(frame['re'] ?? frame['ev'])?.(frame);
    });
  }

  ask(request: object): Promise<Record<string, unknown>> {
    this.#lastId += 1;
    const id = this.#lastId;
    this.#socket.write(`${JSON.stringify({ id, ...request })}\n`);
    return this.#when(id);
  }

  next(event: string): Promise<Record<string, unknown>> {
    return this.#when(event);
  }

  end(): void {
    this.#socket.end();
  }

  #when(key: unknown): Promise<Record<string, unknown>> {
    const { promise, resolve } = Promise.withResolvers<Record<string, unknown>>();
    this.#waiting.set(key, resolve);
    return promise;
  }
}
