import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { UserId } from '@parley/protocol';
import type { Bus, BusEvent } from '@parley/server/ports';

/** Makes one bus and hands out doors to it; what it opens ends with the test. */
export type OpenBus = (t: TestContext) => Promise<{ join(): Promise<Bus> }>;

/** How long what must not come is waited for, in milliseconds. */
const SILENCE_MS = 50;
const DEADLINE_MS = 5_000;

/** What every adapter of the Bus port must do. Its test is one call. [DELIV-2] */
export function busContract(name: string, openBus: OpenBus): void {
  test(`[DELIV-2] ${name}: an event reaches every other node, unchanged, and not its publisher`, async (t) => {
    const bus = await openBus(t);
    const [one, two, three] = [await bus.join(), await bus.join(), await bus.join()];
    const heard = [one, two, three].map(record);
    one.publish(EVENT);
    await until(() => heard[1]?.length === 1 && heard[2]?.length === 1);
    await sleep(SILENCE_MS);
    assert.deepEqual(heard, [[], [EVENT], [EVENT]]);
  });

  test(`[DELIV-2] ${name}: events of one publisher keep their order`, async (t) => {
    const bus = await openBus(t);
    const [one, two] = [await bus.join(), await bus.join()];
    const heard = record(two);
    const sent = Array.from({ length: 100 }, (_, index) => event(index + 1));
    for (const each of sent) one.publish(each);
    await until(() => heard.length === sent.length);
    assert.deepEqual(heard, sent);
  });

  test(`[DELIV-2] ${name}: nothing is heard within publish`, async (t) => {
    const bus = await openBus(t);
    const [one, two] = [await bus.join(), await bus.join()];
    const heard = record(two);
    one.publish(EVENT);
    assert.deepEqual(heard, []);
    await until(() => heard.length === 1);
  });

  test(`[DELIV-2] ${name}: a listener may publish`, async (t) => {
    const bus = await openBus(t);
    const [one, two] = [await bus.join(), await bus.join()];
    const heard = record(one);
    two.listen({ heard: () => two.publish(event(2)), mayHaveMissed: () => undefined });
    one.publish(event(1));
    await until(() => heard.length === 1);
    assert.deepEqual(heard, [event(2)]);
  });

  test(`[DELIV-2] ${name}: after close nothing is heard and nothing fails`, async (t) => {
    const bus = await openBus(t);
    const [one, two] = [await bus.join(), await bus.join()];
    const heard = record(two);
    one.publish(EVENT);
    await two.close();
    const before = heard.length;
    one.publish(EVENT);
    two.publish(EVENT);
    await sleep(SILENCE_MS);
    assert.equal(heard.length, before);
  });

  test(`[DELIV-2] ${name}: publishing with nobody there is harmless`, async (t) => {
    const bus = await openBus(t);
    const alone = await bus.join();
    alone.publish(EVENT);
    await alone.close();
    await alone.close();
  });
}

const EVENT = event(1);

function event(user: number): BusEvent {
  return { kind: 'users', users: [user as UserId] };
}

function record(bus: Bus): BusEvent[] {
  const heard: BusEvent[] = [];
  bus.listen({ heard: (each) => heard.push(each), mayHaveMissed: () => undefined });
  return heard;
}

async function until(isTrue: () => boolean): Promise<void> {
  const endMs = performance.now() + DEADLINE_MS;
  while (!isTrue()) {
    assert.ok(performance.now() < endMs, 'the event did not come');
    await sleep(1);
  }
}
