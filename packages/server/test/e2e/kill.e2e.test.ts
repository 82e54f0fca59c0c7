import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SeededRandom } from '@parley/testkit';
import type { Device, Sent } from './device.ts';
import { assertDelivered, assertKept, readLogs } from './logs.ts';
import { makeTeam, register } from './people.ts';
import { RealNode } from './real-node.ts';

const ROUNDS = 20;
/** Sends at once, of both authors together. */
const BURST = 60;

const isSettled = ({ unsettled }: Device): boolean => unsettled.length === 0;

test(`[SEND-1] [SEND-2] [SEND-4] ${ROUNDS} times kill -9 in a burst: nothing acknowledged is lost, doubled or out of order`, async (t) => {
  const random = new SeededRandom(20_261_125);
  const node = await RealNode.start(t);
  const [ann, ben, cat] = await register(node.port, 'ann', 'ben', 'cat');
  const everybody = [ann, ben, cat];
  await makeTeam(node.port, ann, [ben, cat]);
  const cancelled: Sent[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const author of [ann, ben]) {
      await author.resume(node.port);
      // Some ask what became of what was not answered, and take part of it back; the others just send again.
      if (round % 2 === 1) cancelled.push(...(await settleSome(author, random)));
      author.resend(author.unsettled);
    }
    // Every third round all are there to listen; else one is away, and catches up later.
    if (round % 3 === 0) await cat.online(node.port);
    const before = ann.acked;
    burst(ann, ben, `${round}.1`);
    await ann.take(({ acked }) => acked > before);
    // One batch is answered, the next is anywhere between the sockets and the disk.
    burst(ann, ben, `${round}.2`);
    await sleep(random.below(8));
    await node.killAndRestart();
    for (const device of everybody) device.offline();
  }
  for (const device of everybody) await device.online(node.port);
  for (const device of everybody) await device.take(isSettled);
  const logs = await readLogs(node.port, ann, ['d1-2', 'g1']);
  assertKept(logs, [ann, ben]);
  const stored = [...logs.values()].reduce((sum, log) => sum + log.length, 0);
  assert.equal(stored, ann.sent.length + ben.sent.length + 3, 'all that was sent or cancelled, and three memberships');
  await assertDelivered(logs, ann);
  await assertDelivered(logs, ben);
  await assertDelivered(new Map([['g1', logs.get('g1') ?? []]]), cat);
  assert.ok(cancelled.length > 0, 'something was cancelled');
  assert.ok(cancelled.some(({ refusal }) => refusal === 'cancelled'));
  for (const device of everybody) device.offline();
  assert.equal(await node.stop(), 0);
});

/** Direct and group messages of both, all at once. */
function burst(ann: Device, ben: Device, name: string): void {
  for (let count = 0; count < BURST / 3; count += 1) {
    ann.send('@ben', `ann to ben ${name}.${count}`);
    ben.send('@ann', `ben to ann ${name}.${count}`);
    (count % 2 === 0 ? ann : ben).send('#team', `to all ${name}.${count}`);
  }
}

/** Asks for the outcome of everything that is not settled, and cancels a few; returns what was cancelled. */
async function settleSome(author: Device, random: SeededRandom): Promise<Sent[]> {
  const asked = author.unsettled;
  for (const sent of asked) {
    // The process that may have had a copy on its way is dead.
    assert.match(await author.askOutcome(sent), /^(committed|unknown)$/);
  }
  const unknown = author.unsettled;
  const cancelled: Sent[] = [];
  for (const sent of asked) {
    if (!random.chance(0.1)) continue;
    const state = await author.cancel(sent);
    assert.equal(state, unknown.includes(sent) ? 'cancelled' : 'committed');
    if (state === 'cancelled') cancelled.push(sent);
  }
  // Never again, whoever sends it.
  author.resend(cancelled);
  return cancelled;
}
