import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { FakeClock } from '@parley/testkit';
import { type BusEvent, type JournalNews, StoreUnavailable } from '../../src/chat/ports/index.ts';
import { DeliveryStats } from '../../src/delivery/delivery-stats.ts';
import { JournalPoll } from '../../src/delivery/journal-poll.ts';
import { ALICE, GROUP, seqOf, tagOf } from './builders.ts';

const EVENT: BusEvent = { kind: 'users', users: [ALICE] };
const ENTRIES: BusEvent = {
  kind: 'entries',
  conversation: GROUP.id,
  entries: [],
  prevTag: tagOf(0),
  seq: seqOf(1),
  tag: tagOf(1),
};

/** A poll over a journal whose reads wait for the test. */
function startPoll() {
  const clock = new FakeClock();
  const lines: string[] = [];
  const reads: PromiseWithResolvers<JournalNews>[] = [];
  const bus = { isUp: true };
  const journal = {
    read: () => {
      const answer = Promise.withResolvers<JournalNews>();
      reads.push(answer);
      return answer.promise;
    },
  };
  const log = { warn: (_details: object, text: string) => void lines.push(text), error: () => undefined };
  const poll = new JournalPoll(
    { journal, bus, clock, log, stats: new DeliveryStats() },
    {
      heard: ({ kind }) => void lines.push(kind),
      behind: (why) => void lines.push(why),
      forked: (why) => void lines.push(why),
    },
  );
  const advance = async (ms: number) => {
    clock.advance(ms);
    await setImmediate();
  };
  const answer = async (news: JournalNews | Error = { state: 'news', events: [] }) => {
    const read = reads.shift();
    assert.ok(read !== undefined, 'a read is under way');
    if (news instanceof Error) read.reject(news);
    else read.resolve(news);
    await setImmediate();
  };
  const start = async () => {
    const started = poll.start();
    await answer();
    await started;
  };
  return { poll, bus, reads, lines, advance, answer, start };
}

test('[DELIV-2] the journal is read every second, and what it tells is heard', async () => {
  const { reads, lines, advance, answer, start } = startPoll();
  await start();
  await advance(999);
  assert.equal(reads.length, 0);
  await advance(1);
  await answer({ state: 'news', events: [EVENT, EVENT] });
  assert.deepEqual(lines, ['users', 'users']);
  await advance(1_000);
  assert.equal(reads.length, 1);
});

test('[DELIV-2] what may be under way on the bus is given a moment, unless the bus is away', async () => {
  const { bus, lines, advance, answer, start } = startPoll();
  await start();
  await advance(1_000);
  await answer({ state: 'news', events: [ENTRIES, EVENT] });
  assert.deepEqual(lines, ['users']);
  await advance(100);
  assert.deepEqual(lines, ['users', 'entries']);
  bus.isUp = false;
  await advance(900);
  await answer({ state: 'news', events: [ENTRIES] });
  assert.deepEqual(lines, ['users', 'entries', 'entries']);
});

test('[DELIV-2] while the bus is away the journal is read four times a second', async () => {
  const { bus, reads, advance, answer, start } = startPoll();
  await start();
  bus.isUp = false;
  await advance(1_000);
  await answer();
  await advance(250);
  assert.equal(reads.length, 1);
});

test('[DELIV-2] when something may have been missed a read follows that began after it was said', async () => {
  const { poll, reads, advance, answer, start } = startPoll();
  await start();
  poll.soon();
  poll.soon();
  await advance(20);
  assert.equal(reads.length, 1, 'one read for both');
  poll.soon();
  await answer();
  await advance(20);
  assert.equal(reads.length, 1, 'the one under way was too old');
  await answer();
  await advance(20);
  assert.equal(reads.length, 0);
});

test('[IDENT-2] a node that did not read for two seconds is stale, until a read succeeds', async () => {
  const { poll, advance, answer, start, lines } = startPoll();
  assert.equal(poll.isStale, true);
  await start();
  assert.equal(poll.isStale, false);
  await advance(1_000);
  await answer(new StoreUnavailable('away'));
  await advance(250);
  await answer(new StoreUnavailable('away'));
  await advance(751);
  assert.equal(poll.isStale, true);
  await answer();
  assert.equal(poll.isStale, false);
  const [away, back] = ['the journal could not be read; trying again', 'the journal is read again; its age in ms'];
  assert.deepEqual(lines, [away, back], 'each is said once');
  await advance(1_000);
  await answer();
  assert.equal(lines.length, 2);
});

test('[OPS-4] a node that was stale says so when it is over, also when no read failed', async () => {
  const { advance, answer, start, lines } = startPoll();
  await start();
  await advance(1_000);
  await advance(3_000);
  await answer();
  assert.deepEqual(lines, ['the journal is read again; its age in ms']);
});

test('[IDENT-2] a read that took long counts from its start: what was committed during it may be missing', async () => {
  const { poll, advance, answer, start } = startPoll();
  await start();
  await advance(1_000);
  await advance(2_001);
  await answer();
  assert.equal(poll.isStale, true);
});

test('[TAG-1] a journal that has forgotten, or never knew, what this node did makes it start afresh', async () => {
  const { lines, advance, answer, start } = startPoll();
  await start();
  await advance(1_000);
  await answer({ state: 'forked' });
  await advance(1_000);
  await answer({ state: 'behind' });
  assert.match(lines[0] ?? '', /not the one this node knew/);
  assert.match(lines[1] ?? '', /for too long/);
});

test('[OPS-1] after a stop nothing is read any more', async () => {
  const { poll, reads, advance, start } = startPoll();
  await start();
  poll.stop();
  poll.soon();
  await advance(5_000);
  assert.equal(reads.length, 0);
});
