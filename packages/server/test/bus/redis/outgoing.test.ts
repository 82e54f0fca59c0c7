import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Ord, Seq, Tag, UserId } from '@parley/protocol';
import { BusCodec } from '../../../src/bus/redis/bus-message.ts';
import { createChannels } from '../../../src/bus/redis/channels.ts';
import { Outgoing } from '../../../src/bus/redis/outgoing.ts';
import type { BusEvent, ConversationId, DeviceId, Entry } from '../../../src/chat/ports/index.ts';

const READER = new BusCodec('reader');

function outgoing(): { outgoing: Outgoing; take: () => { channel: string; event: unknown }[] } {
  const out = new Outgoing(new BusCodec('writer'), createChannels('d').ofTopic);
  return {
    outgoing: out,
    take: () => out.take().map(({ channel, message }) => ({ channel, event: READER.decode(message) })),
  };
}

type Entries = Extract<BusEvent, { kind: 'entries' }>;

/** As if somebody had said these, from the first to the last. */
function said(conversation: number, [first, last = first]: [number, number?], text = 'hi'): Entries {
  const entries = Array.from({ length: last - first + 1 }, (_, index): Entry => {
    const seq = first + index;
    const who = { author: 1 as UserId, authorName: 'ann', target: null, targetName: null, role: null };
    const place = {
      conversation: conversation as ConversationId,
      seq: seq as Seq,
      ord: seq as Ord,
      tag: (seq * 10) as Tag,
    };
    return { ...place, ...who, kind: 'message', clientId: `c${seq}`, time: 1, text };
  });
  const end = { prevTag: ((first - 1) * 10) as Tag, seq: last as Seq, tag: (last * 10) as Tag };
  return { kind: 'entries', conversation: conversation as ConversationId, entries, ...end };
}

test('[DELIV-2] entries of one turn that follow each other are one message', () => {
  const { outgoing: out, take } = outgoing();
  for (const event of [said(7, [1]), said(8, [5]), said(7, [2, 3]), said(8, [6])]) out.add(event);
  assert.deepEqual(take(), [
    { channel: 'parley:d:c:7', event: said(7, [1, 3]) },
    { channel: 'parley:d:c:8', event: said(8, [5, 6]) },
  ]);
  assert.equal(out.isEmpty, true);
});

test('[DELIV-2] entries that do not follow are messages of their own', () => {
  const { outgoing: out, take } = outgoing();
  for (const event of [said(7, [1]), said(7, [3]), said(7, [4])]) out.add(event);
  assert.deepEqual(
    take().map(({ event }) => event),
    [said(7, [1]), said(7, [3, 4])],
  );
  out.add(said(7, [5]));
  assert.deepEqual(take(), [{ channel: 'parley:d:c:7', event: said(7, [5]) }], 'the turn before is over');
});

test('[DELIV-2] above 64 KiB a message begins anew; one entry more than that goes without bodies', () => {
  const { outgoing: out, take } = outgoing();
  const text = 'ü'.repeat(4_000);
  for (let seq = 1; seq <= 20; seq += 1) out.add(said(7, [seq], text));
  const events = take().map(({ event }) => event as Entries);
  assert.deepEqual(
    events.map(({ entries }) => entries.length),
    [8, 8, 4],
  );
  const long = said(7, [21, 40], text);
  out.add(long);
  out.add(said(7, [41]));
  assert.deepEqual(
    take().map(({ event }) => event),
    [{ ...long, entries: [] }, said(7, [41])],
  );
});

test('[DELIV-2] each user is told on a channel of their own, once a turn', () => {
  const { outgoing: out, take } = outgoing();
  const [ann, ben] = [1 as UserId, 2 as UserId];
  out.add({ kind: 'users', users: [ann, ben] });
  out.add({ kind: 'users', users: [ben] });
  out.add({ kind: 'revoked', user: ann, devices: [4 as DeviceId] });
  assert.deepEqual(take(), [
    { channel: 'parley:d:u:1', event: { kind: 'users', users: [ann] } },
    { channel: 'parley:d:u:2', event: { kind: 'users', users: [ben] } },
    { channel: 'parley:d:u:1', event: { kind: 'revoked', user: ann, devices: [4] } },
  ]);
});
