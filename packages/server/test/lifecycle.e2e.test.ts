import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

const MAIN = path.join(import.meta.dirname, '../src/main.ts');
const DEADLINE_MS = 20_000;

interface StartOptions {
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly uid?: number;
  /** Files that it may have open. */
  readonly descriptors?: number;
}

/** A parleyd of its own process. */
class Daemon {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  readonly #exited: Promise<number | string>;

  constructor(t: TestContext, { argv = [], env = {}, uid, descriptors }: StartOptions) {
    const { NODE_OPTIONS: _, ...inherited } = process.env;
    const limit = descriptors === undefined ? '' : `ulimit -n ${descriptors};`;
    const command = [process.execPath, '--conditions=@parley/source', MAIN, ...argv];
    this.child = spawn('/bin/sh', ['-c', `${limit} exec "$@"`, 'sh', ...command], {
      env: { ...inherited, PARLEY_LISTEN: '127.0.0.1:0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text) => (this.stdout += text));
    this.child.stderr?.setEncoding('utf8').on('data', (text) => (this.stderr += text));
    this.#exited = once(this.child, 'close').then(([code, signal]) => code ?? signal);
    t.after(() => this.child.kill('SIGKILL'));
  }

  async ready(): Promise<void> {
    await this.#until(() => this.stdout.includes('Ctrl-C'));
  }

  /** The port of the start message. */
  get port(): number {
    return Number(/ready on \S+:(\d+)/.exec(this.stdout)?.[1]);
  }

  get httpPort(): number {
    return Number(/health +http:\/\/\S+:(\d+)\//.exec(this.stdout)?.[1]);
  }

  /** Exit code, or the signal that ended it. */
  async exit(): Promise<number | string> {
    const late = sleep(DEADLINE_MS, 'still running', { ref: false });
    return Promise.race([this.#exited, late]);
  }

  async logged(text: string): Promise<void> {
    await this.#until(() => this.stderr.includes(text));
  }

  async #until(isTrue: () => boolean): Promise<void> {
    await until(() => {
      assert.equal(this.child.exitCode, null, `it ended: ${this.stderr}`);
      return isTrue();
    });
  }
}

async function until(isTrue: () => boolean): Promise<void> {
  const endMs = performance.now() + DEADLINE_MS;
  while (!isTrue()) {
    assert.ok(performance.now() < endMs, `not in time: ${String(isTrue)}`);
    await sleep(10);
  }
}

function temporary(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-run-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function inFolder(folder: string): Record<string, string> {
  return { PARLEY_STORE: `sqlite:${path.join(folder, 'parley.db')}` };
}

/** Starts what must not start: its exit code and its one sentence. */
async function refusal(t: TestContext, options: StartOptions): Promise<{ code: number | string; sentence: string }> {
  const daemon = new Daemon(t, options);
  const code = await daemon.exit();
  assert.equal(daemon.stdout, '', 'nothing is announced');
  const lines = daemon.stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
  assert.equal(lines.length, 1, daemon.stderr);
  return { code, sentence: lines[0] ?? '' };
}

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

test('[OPS-2] C68: a port that is taken is named with a free one, exit 69', async (t) => {
  const taken = net.createServer().listen(0, '127.0.0.1');
  t.after(() => taken.close());
  await once(taken, 'listening');
  const { port } = taken.address() as net.AddressInfo;
  const env = { ...inFolder(temporary(t)), PARLEY_HTTP: 'off' };
  const chat = await refusal(t, { argv: ['127.0.0.1', `${port}`], env });
  assert.equal(chat.code, 69);
  assert.match(chat.sentence, new RegExp(`^parleyd: 127\\.0\\.0\\.1:${port} is taken .* 127\\.0\\.0\\.1:\\d+ is free`));
  const health = await refusal(t, { argv: ['--http', `127.0.0.1:${port}`], env });
  assert.equal(health.code, 69);
  assert.match(health.sentence, new RegExp(`health .*127\\.0\\.0\\.1:${port} is taken.*--http`));
});

test('[OPS-2] an address that is not this machine’s is named, exit 69', async (t) => {
  const argv = ['192.0.2.1', '0', '--allow-plaintext', '--http', 'off'];
  const { code, sentence } = await refusal(t, { argv, env: inFolder(temporary(t)) });
  assert.equal(code, 69);
  assert.match(sentence, /192\.0\.2\.1 is not an address of this machine/);
});

test('[OPS-2] C68: a data folder in use is refused with the pid, exit 78; after kill -9 it can be used again', async (t) => {
  const env = inFolder(temporary(t));
  const first = new Daemon(t, { env });
  await first.ready();
  const { code, sentence } = await refusal(t, { env });
  assert.equal(code, 78);
  assert.match(sentence, new RegExp(`process id ${first.child.pid}\\b.*npm run cluster`));
  first.child.kill('SIGKILL');
  assert.equal(await first.exit(), 'SIGKILL');
  const second = new Daemon(t, { env });
  await second.ready();
});

test('[OPS-2] data of a newer version is refused with both numbers, exit 78', async (t) => {
  const folder = temporary(t);
  const env = inFolder(folder);
  const daemon = new Daemon(t, { env });
  await daemon.ready();
  daemon.child.kill('SIGTERM');
  await daemon.exit();
  makeNewer(path.join(folder, 'parley.db'));
  const { code, sentence } = await refusal(t, { env });
  assert.equal(code, 78);
  assert.match(sentence, /version 99, .* knows only \d+/);
});

test('[OPS-2] C68: a read-only folder and a file in its place are named, exit 78', async (t) => {
  const folder = temporary(t);
  const file = path.join(folder, 'file');
  writeFileSync(file, '');
  const inPlace = await refusal(t, { env: inFolder(file) });
  assert.equal(inPlace.code, 78);
  assert.match(inPlace.sentence, /a file where a folder should be/);

  const readOnly = path.join(folder, 'read-only');
  mkdirSync(readOnly, { mode: 0o555 });
  const { code, sentence } = await refusal(t, { env: inFolder(readOnly), ...asNobody(folder) });
  assert.equal(code, 78);
  assert.match(sentence, /must be readable and writable/);
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

test('[OPS-3] plain text on an address that others can reach needs --allow-plaintext, exit 78', async (t) => {
  const env = { ...inFolder(temporary(t)), PARLEY_LISTEN: '' };
  const { code, sentence } = await refusal(t, { argv: ['0.0.0.0', '0'], env });
  assert.equal(code, 78);
  assert.match(sentence, /--allow-plaintext/);
  const daemon = new Daemon(t, { argv: ['0.0.0.0', '0', '--allow-plaintext'], env });
  await daemon.ready();
  assert.match(daemon.stdout, /npm run -s chat -- 127\.0\.0\.1 \d+/);
});

test('[CONF-1] wrong settings end with 78, a wrong command line with 2, help and version with 0', async (t) => {
  assert.equal((await refusal(t, { argv: ['--queue-bytes', '1'] })).code, 78);
  assert.equal((await refusal(t, { argv: ['--no-such'] })).code, 2);
  for (const argv of [['--help'], ['--version'], ['config']]) {
    const daemon = new Daemon(t, { argv });
    assert.equal(await daemon.exit(), 0);
    assert.notEqual(daemon.stdout, '');
  }
});

/** Connects, reads nothing and never ends its half. */
async function stubbornClient(t: TestContext, { port }: Daemon): Promise<void> {
  const client = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  client.on('error', () => {});
  client.pause();
  t.after(() => client.destroy());
  await once(client, 'connect');
}

/** As a later release would leave it. */
function makeNewer(file: string): void {
  const db = new DatabaseSync(file);
  db.exec('UPDATE schema SET version = 99, min_reader = 99, min_writer = 99');
  db.close();
}

/** Root may write anywhere, so then the server has to be somebody else. */
function asNobody(folder: string): { uid?: number } {
  if (process.getuid?.() !== 0) return {};
  const nobody = 65_534;
  chmodSync(folder, 0o755);
  chownSync(path.join(folder, 'read-only'), nobody, nobody);
  return { uid: nobody };
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
