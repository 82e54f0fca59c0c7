import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UserId } from '@parley/protocol';
import type { Conversation } from '../../src/chat/ports/index.ts';
import { Sending } from '../../src/chat/sending.ts';

const CONVERSATION = { id: 1 } as unknown as Conversation;
const AUTHOR = { user: 1 as UserId, name: 'ann' };

test('[SEND-4] what is committed between the two looks was pending: it is never called unknown', async () => {
  const world = { isPending: true };
  const store = {
    // Reads what was there before the commit, which ends meanwhile.
    async findOutcome() {
      world.isPending = false;
      return undefined;
    },
  };
  const sending = new Sending(store, { append: () => undefined, isPending: () => world.isPending });
  assert.deepEqual(await sending.outcome(AUTHOR, CONVERSATION, 'a'), { state: 'pending' });
  assert.deepEqual(await sending.outcome(AUTHOR, CONVERSATION, 'a'), { state: 'unknown' });
});
