import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tag, UserId } from '@parley/protocol';
import { FakeClock } from '@parley/testkit';
import { Accounts } from '../../src/chat/accounts.ts';
import type { DeviceId, Store, UserRecord } from '../../src/chat/ports/index.ts';

const ALICE = { id: 1 as UserId, name: 'alice', passwordHash: 'right', disabled: false } as UserRecord;
const DEVICE = 5 as DeviceId;
const CREDENTIALS = { user: 1, password: 'right', from: { address: '::1', isLoopback: true } };

/** Accounts over a store that gives every device the same number, as one that lost the last of them gives it again. */
function startAccounts(other: Partial<Store> = {}): Accounts {
  const store: Partial<Store> = {
    findUser: () => Promise.resolve(ALICE),
    createDevice: () => Promise.resolve(DEVICE),
    revokeDevice: () => Promise.resolve(true),
    ...other,
  };
  return new Accounts({
    store: store as Store,
    hasher: { hash: (password) => Promise.resolve(password), verify: (one, other) => Promise.resolve(one === other) },
    clock: new FakeClock(),
    random: { token: () => 'token', tag: () => 1 as Tag, fraction: () => 0 },
    loginFailures: 10,
    onRevoked: () => undefined,
  });
}

test('[IDENT-3] who is revoked while he logs in is not let in', async () => {
  const accounts = startAccounts();
  const me = await accounts.logIn(CREDENTIALS, undefined);
  await accounts.revoke(me, DEVICE);
  await assert.rejects(accounts.logIn(CREDENTIALS, undefined), { code: 'bad_credentials' });
});

test('[AUTH-1] [TAG-1] a new device may have the number of one that was revoked before an older copy took over', async () => {
  const accounts = startAccounts();
  const me = await accounts.logIn(CREDENTIALS, undefined);
  await accounts.revoke(me, DEVICE);
  accounts.forgetRevoked();
  assert.equal((await accounts.logIn(CREDENTIALS, undefined)).device, DEVICE);
});

test('[IDENT-3] of two changes of the password at once one is done, and the other told so', async () => {
  let passwordHash = 'right password';
  const accounts = startAccounts({
    findUser: () => Promise.resolve({ ...ALICE, passwordHash }),
    changePassword: async ({ from, to }) => {
      if (passwordHash !== from) return await Promise.resolve(undefined);
      passwordHash = to;
      return [];
    },
  });
  const me = { user: ALICE.id, name: ALICE.name, device: DEVICE };
  const next = ['the first new one', 'the other new one'];
  const changes = next.map(async (password) => await accounts.changePassword(me, 'right password', password));
  const [first, other] = await Promise.allSettled(changes);
  assert.equal(first?.status, 'fulfilled');
  assert.equal((other as PromiseRejectedResult).reason.code, 'bad_credentials');
  assert.equal(passwordHash, next[0]);
});
