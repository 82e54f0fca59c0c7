import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ord, Seq, Tag, UserId } from '@parley/protocol';
import type { Bus, BusEvent, BusTopic, ConversationId, DeviceId, Entry } from '@parley/server/ports';

/** Hands out doors to one bus. */
export interface BusDoors {
  join(): Promise<Bus>;
}

/** Makes one bus; what it opens ends with the test. Undefined: it cannot be had here, and the test is skipped. */
export type OpenBus = (t: TestContext) => Promise<BusDoors | undefined>;

/** How long what must not come is waited for, in milliseconds. */
const SILENCE_MS = 50;
const DEADLINE_MS = 10_000;

/** What every adapter of the Bus port must do. Its test is one call. [DELIV-2] */
export function busContract(name: string, openBus: OpenBus): void {
  const check = (title: string, run: (bus: BusDoors) => Promise<void>): void => {
    test(`[DELIV-2] ${name}: ${title}`, async (t) => {
      const bus = await openBus(t);
      if (bus !== undefined) await run(bus);
    });
  };

  check('events of every kind reach all that subscribed, unchanged, and not their publisher', async (bus) => {
    const [one, two, three] = [await bus.join(), await bus.join(), await bus.join()];
    const all = [await listening(one), await listening(two), await listening(three)];
    for (const [index, event] of EVENTS.entries()) {
      one.publish(event);
      await until(() => all[1]?.heard.length === index + 1 && all[2]?.heard.length === index + 1);
    }
    await sleep(SILENCE_MS);
    const heard = all.map((each) => each.heard);
    assert.deepEqual(heard, [[], EVENTS, EVENTS]);
  });

  check('entries of one publisher and conversation keep their order', async (bus) => {
    const [one, two] = [await bus.join(), await bus.join()];
    const { heard } = await listening(two);
    for (let seq = 1; seq <= 100; seq += 1) {
      one.publish(entries(CONVERSATION, [seq]));
      one.publish(entries(OTHER, [seq]));
      if (seq % 10 === 0) await sleep(1);
    }
    const seqsOf = (conversation: ConversationId): number[] => entriesOf(heard, conversation).map(({ seq }) => seq);
    await until(() => seqsOf(CONVERSATION).length === 100 && seqsOf(OTHER).length === 100);
    const inOrder = Array.from({ length: 100 }, (_, index) => index + 1);
    assert.deepEqual([seqsOf(CONVERSATION), seqsOf(OTHER)], [inOrder, inOrder]);
    assertChains(heard);
  });

  check('every door may publish', async (bus) => {
    const [one, two] = [await bus.join(), await bus.join()];
    const [left, right] = [await listening(one), await listening(two)];
    one.publish(user(1));
    two.publish(user(2));
    await until(() => left.heard.length === 1 && right.heard.length === 1);
    assert.deepEqual([left.heard, right.heard], [[user(2)], [user(1)]]);
  });

  check('nothing is heard within publish', async (bus) => {
    const [one, two] = [await bus.join(), await bus.join()];
    const { heard } = await listening(two);
    one.publish(user(1));
    assert.deepEqual(heard, []);
    await until(() => heard.length === 1);
  });

  check('a listener may publish', async (bus) => {
    const [one, two] = [await bus.join(), await bus.join()];
    const { heard } = await listening(one);
    await listening(two, () => two.publish(user(2)));
    one.publish(user(1));
    await until(() => heard.length === 1);
    assert.deepEqual(heard, [user(2)]);
  });

  check('who came back to a topic hears it, however fast', async (bus) => {
    const [one, two] = [await bus.join(), await bus.join()];
    const { heard } = await listening(two);
    for (let times = 0; times < 5; times += 1) {
      two.unsubscribe(TOPICS[0]);
      await sleep(times);
      two.subscribe(TOPICS[0]);
    }
    one.publish(entries(CONVERSATION, [1]));
    await until(() => heard.length === 1);
  });

  check('after close nothing is heard and nothing fails', async (bus) => {
    const [one, two] = [await bus.join(), await bus.join()];
    const { heard } = await listening(two);
    one.publish(user(1));
    await two.close();
    const before = heard.length;
    one.publish(user(1));
    two.publish(user(1));
    two.subscribe({ kind: 'user', id: 9 as UserId });
    two.unsubscribe(TOPICS[0]);
    await sleep(SILENCE_MS);
    assert.equal(heard.length, before);
  });

  check('publishing with nobody there is harmless', async (bus) => {
    const alone = await bus.join();
    for (const event of EVENTS) alone.publish(event);
    await alone.close();
    await alone.close();
  });
}

const CONVERSATION = 7 as ConversationId;
const OTHER = 8 as ConversationId;
const TOPICS: readonly [BusTopic, ...BusTopic[]] = [
  { kind: 'conversation', id: CONVERSATION },
  { kind: 'conversation', id: OTHER },
  { kind: 'user', id: 1 as UserId },
  { kind: 'user', id: 2 as UserId },
];

const EVENTS: readonly BusEvent[] = [
  user(1),
  { kind: 'revoked', user: 1 as UserId, devices: [3 as DeviceId, 4 as DeviceId] },
  entries(CONVERSATION, [1, 2, 3]),
  { ...entries(CONVERSATION, [9]), entries: [] },
  {
    kind: 'entries',
    conversation: OTHER,
    prevTag: 0 as Tag,
    entries: [{ ...entry(OTHER, 1), kind: 'role', text: null, target: 2 as UserId, targetName: 'ben', role: 'admin' }],
    seq: 1 as Seq,
    tag: tagOf(1),
  },
];

/** Subscribes to everything, and waits until that counts. */
async function listening(
  bus: Bus,
  onHeard: (event: BusEvent) => void = () => undefined,
): Promise<{ heard: BusEvent[] }> {
  const heard: BusEvent[] = [];
  let isAsked = false;
  bus.listen({
    heard(event) {
      heard.push(event);
      onHeard(event);
    },
    mayHaveMissed: () => {
      isAsked = true;
    },
  });
  for (const topic of TOPICS) {
    bus.subscribe(topic);
    bus.subscribe(topic);
  }
  await until(() => isAsked && bus.isUp);
  return { heard };
}

function user(id: number): BusEvent {
  return { kind: 'users', users: [id as UserId] };
}

function entries(conversation: ConversationId, seqs: readonly number[]): Extract<BusEvent, { kind: 'entries' }> {
  const [first, last] = [seqs[0] ?? 1, seqs.at(-1) ?? 1];
  return {
    kind: 'entries',
    conversation,
    prevTag: tagOf(first - 1),
    entries: seqs.map((seq) => entry(conversation, seq)),
    seq: last as Seq,
    tag: tagOf(last),
  };
}

function entry(conversation: ConversationId, seq: number): Entry {
  return {
    conversation,
    seq: seq as Seq,
    ord: seq as Ord,
    tag: tagOf(seq),
    kind: 'message',
    author: 1 as UserId,
    authorName: 'änn',
    clientId: `c-${seq}`,
    time: 1_700_000_000_000 + seq,
    text: `"${seq}"\n\u2028 \u{1f600}`,
    target: null,
    targetName: null,
    role: null,
  };
}

function tagOf(seq: number): Tag {
  return (seq === 0 ? 0 : 0xffff_ff00 - seq) as Tag;
}

/** An adapter may join events that follow each other. */
function entriesOf(heard: readonly BusEvent[], conversation: ConversationId): Entry[] {
  return heard.flatMap((event) =>
    event.kind === 'entries' && event.conversation === conversation ? event.entries : [],
  );
}

function assertChains(heard: readonly BusEvent[]): void {
  for (const event of heard) {
    if (event.kind !== 'entries') continue;
    const [first, last] = [event.entries[0], event.entries.at(-1)];
    assert.equal(event.prevTag, tagOf((first?.seq ?? 0) - 1));
    assert.deepEqual([event.seq, event.tag], [last?.seq, last?.tag]);
  }
}

async function until(isTrue: () => boolean): Promise<void> {
  const endMs = performance.now() + DEADLINE_MS;
  while (!isTrue()) {
    assert.ok(performance.now() < endMs, 'what must come did not come');
    await sleep(1);
  }
}
