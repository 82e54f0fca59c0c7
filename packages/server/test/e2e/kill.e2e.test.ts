import assert from 'node:assert/strict';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { SeededRandom } from '@parley/testkit';
import { checkDelivered, checkLog, checkSent, type Log } from './checkers.ts';
import { Device } from './device.ts';
import { RawPeer } from './embedded-node.ts';
import { NodeProcess } from './node-process.ts';

const ROUNDS = 20;
const BURST = 40;

async function folder(t: TestContext): Promise<string> {
  const made = await mkdtemp(path.join(tmpdir(), 'parley-kill-'));
  t.after(() => rm(made, { recursive: true, force: true }));
  return made;
}

async function register(port: number, name: string): Promise<Device> {
  const peer = await RawPeer.connect(port);
  const { token } = await peer.get('register', { name, password: 'correct horse' });
  peer.close();
  return new Device(name, String(token));
}

/** Reads whole logs back, page by page. */
async function readLogs(port: number, reader: Device, conversations: readonly string[]): Promise<Map<string, Log>> {
  const peer = await RawPeer.connect(port);
  await peer.get('resume', { token: reader.token });
  const logs = new Map<string, Log>();
  for (const conversation of conversations) {
    const log: Log[number][] = [];
    for (let more = true; more; ) {
      const page = await peer.get('history', { conversation, after: log.length, limit: 500 });
      log.push(...(page['entries'] as Log));
      more = page['more'] === true;
    }
    logs.set(
      conversation,
      log.map(({ seq, tag, clientId, kind }) => ({ conversation, seq, tag, clientId, kind })),
    );
  }
  peer.close();
  return logs;
}

function assertContract(logs: ReadonlyMap<string, Log>, devices: readonly Device[]): void {
  const all = [...logs.values()];
  assert.deepEqual(all.flatMap(checkLog), []);
  assert.deepEqual(
    devices.flatMap(({ sent }) => checkSent(sent, all)),
    [],
  );
}

async function group(port: number, owner: Device, others: readonly Device[]): Promise<void> {
  for (const [index, device] of [owner, ...others].entries()) {
    const peer = await RawPeer.connect(port);
    await peer.get('resume', { token: device.token });
    if (index === 0) await peer.get('createGroup', { name: 'team', clientId: 'make' });
    else await peer.get('join', { group: '#team', clientId: `join-${device.name}` });
    peer.close();
  }
}

test(`[SEND-1] [SEND-2] ${ROUNDS} times kill -9 in a burst: nothing acknowledged is lost, doubled or out of order`, async (t) => {
  const store = `sqlite:${path.join(await folder(t), 'parley.db')}`;
  const random = new SeededRandom(20_261_125);
  let node = await NodeProcess.start(store);
  t.after(() => node.end('SIGKILL'));
  const { port } = node;
  const [ann, ben, cat] = [await register(port, 'ann'), await register(port, 'ben'), await register(port, 'cat')];
  await group(port, ann, [ben, cat]);
  for (let round = 0; round < ROUNDS; round += 1) {
    await ann.online(port);
    await ben.online(port);
    // Every third round somebody is away, and catches up later.
    if (round % 3 === 0) await cat.online(port);
    for (let count = 0; count < BURST; count += 1) {
      ann.send('@ben', `ann to ben ${round}.${count}`);
      ben.send('@ann', `ben to ann ${round}.${count}`);
      (count % 2 === 0 ? ann : ben).send('#team', `to all ${round}.${count}`);
    }
    const wanted = ann.acked + 1 + random.below(BURST);
    await ann.take((device) => device.acked >= wanted);
    await node.end('SIGKILL');
    for (const device of [ann, ben, cat]) device.offline();
    node = await NodeProcess.start(store, port);
  }
  for (const device of [ann, ben, cat]) await device.online(port);
  const isAllAcked = ({ acked, sent }: Device): boolean => acked === sent.length;
  await ann.take(isAllAcked);
  await ben.take(isAllAcked);
  const logs = await readLogs(port, ann, ['d1-2', 'g1']);
  assertContract(logs, [ann, ben]);
  const total = [...logs.values()].reduce((sum, log) => sum + log.length, 0);
  assert.equal(total, ann.sent.length + ben.sent.length + 3, 'everything that was sent, and three memberships');
  const team = new Map([['g1', logs.get('g1') as Log]]);
  for (const [device, known] of [
    [ann, logs],
    [ben, logs],
    [cat, team],
  ] as const) {
    const visible = onlyAfterJoining(known, device);
    const wanted = [...visible.values()].reduce((sum, log) => sum + log.length, 0);
    await device.take(({ received }) => received.length >= wanted);
    assert.deepEqual(checkDelivered(device, visible), []);
    assert.deepEqual(device.gaps, []);
  }
  for (const device of [ann, ben, cat]) device.offline();
  assert.equal(await node.end('SIGTERM'), 0);
});

/** A member sees a group's log from his joining on. */
function onlyAfterJoining(logs: ReadonlyMap<string, Log>, { name }: Device): Map<string, Log> {
  return new Map(
    [...logs].map(([conversation, log]) => {
      const joined = log.findIndex(({ clientId }) => clientId === `join-${name}`);
      return [conversation, joined === -1 ? log : log.slice(joined)];
    }),
  );
}

test('[TAG-1] a database that was put back to an older copy is noticed, and only where it matters', async (t) => {
  const data = await folder(t);
  const copy = path.join(await folder(t), 'copy');
  const store = `sqlite:${path.join(data, 'parley.db')}`;
  let node = await NodeProcess.start(store);
  t.after(() => node.end('SIGKILL'));
  const { port } = node;
  const [ann, ben, cat] = [await register(port, 'ann'), await register(port, 'ben'), await register(port, 'cat')];
  await ann.online(port);
  ann.send('@ben', 'one');
  ann.send('@cat', 'only before the copy');
  await ann.take((device) => device.acked === 2 && device.received.length === 2);
  ann.offline();
  await node.end('SIGTERM');
  await cp(data, copy, { recursive: true });
  node = await NodeProcess.start(store, port);
  await ann.online(port);
  ann.send('@ben', 'two, which the copy does not have');
  await ann.take((device) => device.acked === 3 && device.received.length === 3);
  ann.offline();
  await node.end('SIGTERM');
  await rm(data, { recursive: true });
  await cp(copy, data, { recursive: true });
  node = await NodeProcess.start(store, port);
  await ben.online(port);
  ben.send('@ann', 'another second message');
  await ben.take((device) => device.acked === 1);
  await ann.online(port);
  await ann.take((device) => device.received.length === 5);
  assert.deepEqual(ann.gaps, ['reset d1-2'], 'and nothing of the other conversation');
  assert.deepEqual(
    ann.received.slice(3).map(({ clientId }) => clientId),
    ['ann-1', 'ben-1'],
  );
  await cat.online(port);
  await cat.take((device) => device.received.length === 1);
  assert.deepEqual(cat.gaps, []);
  for (const device of [ann, ben, cat]) device.offline();
  await node.end('SIGTERM');
  assert.match(node.log, /another history than the database/);
});
