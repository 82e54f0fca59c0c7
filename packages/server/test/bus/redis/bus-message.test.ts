import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Ord, Seq, Tag, UserId } from '@parley/protocol';
import fc from 'fast-check';
import { BusCodec, encodeEntry } from '../../../src/bus/redis/bus-message.ts';
import type { ConversationId, DeviceId, Entry } from '../../../src/chat/ports/index.ts';

const ENTRY: Entry = {
  conversation: 7 as ConversationId,
  seq: 3 as Seq,
  ord: 9 as Ord,
  tag: 4_294_967_295 as Tag,
  kind: 'role',
  author: 1 as UserId,
  authorName: 'ann',
  clientId: '0-1',
  time: 1_700_000_000_000,
  text: null,
  target: 2 as UserId,
  targetName: 'ben',
  role: 'admin',
};
const END = { conversation: ENTRY.conversation, prevTag: 5 as Tag, seq: ENTRY.seq, tag: ENTRY.tag };
const ROW = encodeEntry(ENTRY);
const [one, two] = [new BusCodec('one'), new BusCodec('two')];

test('what nodes say has not changed by accident', () => {
  // Changed on purpose? Then BUS_VERSION must change too: nodes of two releases run side by side during an update.
  assert.deepEqual(
    [one.entries(END, [ROW]), one.user(4 as UserId), one.revoked(4 as UserId, [8 as DeviceId])],
    [
      '1["one","e",7,5,3,4294967295,[[3,9,4294967295,"role",1,"ann","0-1",1700000000000,null,2,"ben","admin"]]]',
      '1["one","u",4]',
      '1["one","r",4,[8]]',
    ],
  );
});

test('[DELIV-2] what one node wrote another reads, and itself never hears', () => {
  const message = one.entries(END, [ROW]);
  assert.deepEqual(two.decode(message), { kind: 'entries', ...END, entries: [ENTRY] });
  assert.equal(one.decode(message), 'own');
  assert.equal(new BusCodec('on').decode(message) !== 'own', true, 'not by the beginning of a name');
});

test('[DELIV-2] a message of another version is nothing', () => {
  assert.equal(two.decode('2["one","u",4]'), 'other version');
  assert.equal(two.decode(''), 'other version');
});

test('[DELIV-2] garbage is told from news, and never throws', () => {
  const rows = (change: Partial<Record<number, unknown>>): string =>
    JSON.stringify(Object.assign(JSON.parse(ROW) as unknown[], change));
  const garbage = [
    '1',
    '1{',
    '1{}',
    '1[]',
    '1["one"]',
    '1["one","x",1]',
    '1["one","u",-1]',
    '1["one","u",1.5]',
    '1["one","u",9007199254740992]',
    '1["one","r",1]',
    '1["one","r",1,["a"]]',
    '1["one","e",7,5,3,4294967296,[]]',
    '1["one","e",7,5,3,1,[1]]',
    one.entries({ ...END, tag: 1 as Tag }, [ROW]),
    one.entries({ ...END, seq: 4 as Seq }, [ROW]),
    one.entries(END, [ROW, ROW]),
    one.entries(END, [rows({ 3: 5 })]),
    one.entries(END, [rows({ 8: 'x'.repeat(8_193) })]),
    one.entries(END, [rows({ 9: 'x' })]),
    one.entries(END, [rows({ 1: null })]),
    `1["one","u",4${' '.repeat(300_000)}]`,
  ];
  for (const message of garbage) assert.equal(two.decode(message), 'garbage', message.slice(0, 80));
  fc.assert(
    fc.property(fc.string(), fc.json(), (text, json) => {
      assert.equal(typeof two.decode(text), 'string');
      assert.equal(typeof two.decode(`1${json}`), 'string');
    }),
  );
});
