import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameKey, type UserId } from '@parley/protocol';
import { Directory } from '../../src/chat/directory.ts';
import type { Conversation, UserRecord } from '../../src/chat/ports/index.ts';

const [ANN, BEN] = [1 as UserId, 2 as UserId];
const TALK = { kind: 'direct', id: 7, address: 'd1-2', low: ANN, high: BEN } as Conversation;

function world() {
  let lookUps = 0;
  const answer = { talk: TALK };
  const ben = { id: BEN, name: 'ben' } as UserRecord;
  const never = (): never => assert.fail('not asked for');
  const directory = new Directory(
    {
      findUser: async (id) => (id === BEN ? ben : undefined),
      findUserByKey: async (key) => (key === nameKey('ben') ? ben : undefined),
      findDirect: async () => {
        lookUps += 1;
        return answer.talk;
      },
      findGroup: never,
      findGroupByKey: never,
      openDirect: never,
      findConversation: never,
    },
    () => {},
  );
  return { directory, answer, lookUps: () => lookUps };
}

test('what an address means is looked up once, for each who uses it', async () => {
  const { directory, lookUps } = world();
  assert.equal(directory.known(ANN, '@ben'), undefined);
  assert.equal(await directory.conversation(ANN, '@ben', { open: true }), TALK);
  assert.equal(await directory.conversation(ANN, '@ben', { open: true }), TALK);
  assert.equal(lookUps(), 1);
  assert.equal(directory.known(ANN, '@ben'), TALK);
  assert.equal(directory.known(BEN, '@ben'), undefined, 'for himself it means another');
});

test('[LIMIT-1] endless spellings of one name are neither folded nor remembered', async () => {
  const { directory } = world();
  const spelling = (joiners: number): string => `@b${'\u200D'.repeat(joiners)}en`;
  assert.equal(await directory.conversation(ANN, spelling(200), { open: true }), TALK);
  for (const look of [
    () => directory.conversation(ANN, spelling(300), { open: true }),
    () => directory.account(spelling(300)),
    () => directory.group(`#${spelling(300)}`),
  ]) {
    await assert.rejects(look, /There is no such (user|group)/);
  }
  assert.equal(directory.known(ANN, spelling(300)), undefined);
});

test('[TAG-1] an address is looked up again after an older copy of the database took over, one that is on its way too', async () => {
  const { directory, answer } = world();
  const underWay = directory.conversation(ANN, 'u2', { open: true });
  await directory.conversation(ANN, '@ben', { open: true });
  directory.forget();
  answer.talk = { ...TALK, id: 8 } as Conversation;
  await underWay;
  assert.deepEqual(
    ['u2', '@ben'].map((to) => directory.known(ANN, to)),
    [undefined, undefined],
  );
  assert.equal(await directory.conversation(ANN, '@ben', { open: true }), answer.talk);
});
