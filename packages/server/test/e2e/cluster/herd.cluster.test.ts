import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SeededRandom } from '@parley/testkit';
import { newUser, RawPeer } from '../embedded-node.ts';
import { testCluster } from './test-cluster.ts';

const ACCOUNTS = 20;
/** Of each account: it is the number of sessions that makes a herd, and a hash for each would take a minute. */
const SESSIONS = 50;

/** As the client library: drawn anew after each failure, so that they do not come all at once. */
const FIRST_WAIT_MS = 500;
const DEADLINE_MS = 30_000;

/** Whoever stays on the other node must hardly notice. A machine that does other work too is slow by itself. */
const SLOWEST_ACK_MS = 2_000;

/** Sessions that come back under their token whenever their connection ends, until the test does. */
class Herd {
  readonly peers = new Set<RawPeer>();
  /** How long each was away, in milliseconds. */
  readonly away: number[] = [];
  /** What did not go well, by what it was. */
  readonly refusals = new Map<string, number>();
  readonly #random = new SeededRandom(28);
  readonly #over = new AbortController();

  /** Lets one in through the front, as soon as something takes it. */
  async join(token: string, port: number): Promise<void> {
    const fromMs = performance.now();
    const { signal } = this.#over;
    for (let mostMs = FIRST_WAIT_MS; !signal.aborted; mostMs *= 2) {
      await sleep(this.#random.fraction() * mostMs, undefined, { signal }).catch(() => {});
      const peer = signal.aborted ? undefined : await this.#tryOnce(token, port);
      if (peer === undefined) continue;
      this.away.push(performance.now() - fromMs);
      this.peers.add(peer);
      peer.socket.once('close', () => {
        this.peers.delete(peer);
        void this.join(token, port);
      });
      return;
    }
  }

  end(): void {
    this.#over.abort();
    for (const peer of this.peers) peer.close();
  }

  async #tryOnce(token: string, port: number): Promise<RawPeer | undefined> {
    let peer: RawPeer | undefined;
    try {
      peer = await RawPeer.connect(port);
      await peer.get('resume', { token });
      await peer.get('sync', { default: { mode: 'lazy', last: 1 } });
      return peer;
    } catch (error) {
      const what = (error as Error).message.slice(0, 60);
      this.refusals.set(what, (this.refusals.get(what) ?? 0) + 1);
      peer?.close();
      return undefined;
    }
  }
}

test(`[LIMIT-1] ${ACCOUNTS * SESSIONS} sessions, half of which lose their node, are back within seconds, and nobody else waits (C28)`, async (t) => {
  const cluster = await testCluster(t, { flavour: 'mysql' });
  const [stays, dies] = cluster?.nodes ?? [];
  if (cluster === undefined || stays === undefined || dies === undefined) return;
  const [speaker, shepherd] = [await newUser(stays.port, 'speaker'), await newUser(stays.port, 'shepherd')];
  const herd = new Herd();
  t.after(() => herd.end());
  t.after(() => [speaker, shepherd].map((peer) => peer.close()));
  await speaker.get('createGroup', { name: 'quiet', clientId: 'make' });
  await shepherd.get('createGroup', { name: 'herd', clientId: 'make' });
  const tokens: string[] = [];
  for (let account = 0; account < ACCOUNTS; account += 1) tokens.push(await member(stays.port, `user${account}`));
  const all = tokens.flatMap((token) => Array.from({ length: SESSIONS }, () => token));
  await Promise.all(all.map((token) => herd.join(token, cluster.port)));
  herd.away.length = 0;
  const over = new AbortController();
  const talking = talk(speaker, over.signal);
  await dies.kill();
  await until('the first noticed', () => herd.peers.size < all.length);
  const fromMs = performance.now();
  await until('all are back', () => herd.peers.size === all.length);
  const tookMs = Math.round(performance.now() - fromMs);
  over.abort();
  const answers = (await talking).toSorted((one, other) => one - other);
  const slowestMs = Math.round(answers.at(-1) ?? 0);
  t.diagnostic(
    `${herd.away.length} came back within ${tookMs} ms; of ${answers.length} answers the slowest took ${slowestMs} ms`,
  );
  t.diagnostic(`refused meanwhile: ${JSON.stringify([...herd.refusals])}`);
  assert.ok(herd.away.length > all.length / 4, `${herd.away.length} had lost their node`);
  assert.ok(slowestMs < SLOWEST_ACK_MS, `an answer took ${slowestMs} ms`);
  await shepherd.get('send', { to: '#herd', text: 'count', clientId: 'count' });
  const countsOf = () => [...herd.peers].map((peer) => peer.entries().filter(({ text }) => text === 'count').length);
  await until('all hear', () => countsOf().every((count) => count > 0));
  assert.deepEqual(new Set(countsOf()), new Set([1]));
});

/** Talks until it is told to stop, and returns how long each answer took, in milliseconds. */
async function talk(peer: RawPeer, over: AbortSignal): Promise<number[]> {
  const took: number[] = [];
  while (!over.aborted) {
    const fromMs = performance.now();
    await peer.get('send', { to: '#quiet', text: 'hello', clientId: `n${took.length}` });
    took.push(performance.now() - fromMs);
    await sleep(20);
  }
  return took;
}

/** Someone in the herd's group; returns the token. */
async function member(port: number, name: string): Promise<string> {
  const peer = await newUser(port, name);
  await peer.get('join', { group: '#herd', clientId: name });
  peer.close();
  return peer.token;
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const endMs = performance.now() + DEADLINE_MS;
  while (!holds()) {
    assert.ok(performance.now() < endMs, `in vain: ${what}`);
    await sleep(10);
  }
}
