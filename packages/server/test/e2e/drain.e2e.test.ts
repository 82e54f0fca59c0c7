import assert from 'node:assert/strict';
import { test } from 'node:test';
import { embeddedNode, newUser } from './embedded-node.ts';
import { assertDelivered, assertKept, readLogs } from './logs.ts';
import { makeTeam, register } from './people.ts';
import { RealNode } from './real-node.ts';

test('[OPS-1] a client that stays is told that the server stops before its connection ends', async (t) => {
  const server = await embeddedNode(t);
  const ann = await newUser(server.port, 'ann');
  const drained = server.drain();
  await ann.untilClosed();
  await drained;
  const told = ann.frames.filter(({ ev }) => ev === 'goaway' || ev === 'close').map(({ ev, reason }) => [ev, reason]);
  assert.deepEqual(told, [
    ['goaway', 'shutdown'],
    ['close', 'shutdown'],
  ]);
  assert.equal(ann.frames.at(-1)?.['ev'], 'close', 'it is the last frame');
});

test('[OPS-1] [SEND-1] SIGTERM under load: all are told, nothing acknowledged is lost, and the rest is sent again', async (t) => {
  const node = await RealNode.start(t);
  const people = await register(node.port, 'ann', 'ben', 'cat');
  const [ann, ben, cat] = people;
  await makeTeam(node.port, ann, [ben, cat]);
  for (let round = 0; round < 3; round += 1) {
    for (const device of people) await device.online(node.port);
    const busy = people.slice(0, 2).map(async (author) => {
      for (let count = 0; author.farewells.length <= 2 * round; count += 1) {
        for (let burst = 0; burst < 40; burst += 1) author.send('#team', `${round}.${count}.${burst}`);
        const wanted = author.acked + 20;
        await author.take(({ acked, farewells }) => acked >= wanted || farewells.length > 2 * round);
      }
    });
    const wanted = ann.acked + 100;
    await cat.take(() => ann.acked >= wanted);
    assert.equal(await node.stop(), 0);
    await Promise.all(busy);
    for (const device of people) await device.take(({ isClosed }) => isClosed);
    for (const device of people) device.offline();
    await node.startAgain();
  }
  const farewell = ['goaway shutdown', 'close shutdown'];
  for (const device of people) {
    await device.online(node.port);
    await device.take(({ unsettled }) => unsettled.length === 0);
    assert.deepEqual(device.farewells, [...farewell, ...farewell, ...farewell]);
  }
  const logs = await readLogs(node.port, ann, ['g1']);
  assertKept(logs, people);
  for (const device of people) await assertDelivered(logs, device);
  for (const device of people) device.offline();
  assert.equal(await node.stop(), 0);
});
