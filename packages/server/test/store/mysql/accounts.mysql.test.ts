import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import type { UserId } from '@parley/protocol';
import type { DeviceId, Store } from '../../../src/chat/ports/index.ts';
import { CuttingProxy } from './cutting-proxy.ts';
import { addPerson } from './talk.ts';
import { onEachServer, untilWaiting } from './test-server.ts';

await onEachServer((server) => {
  const { flavour } = server;

  test(`[IDENT-3] ${flavour}: a change of the password that fails ends no device, and one that was committed is told`, async (t) => {
    const proxy = await CuttingProxy.open(t, await server.newDatabase());
    const store = await server.open(t, { url: proxy.url });
    const user = await addPerson(store);
    const [kept, other] = [await addDevice(store, user), await addDevice(store, user)];
    // The flight that ends it; 'COMMIT' is in what a new connection says, too.
    const text = 'INSERT INTO journal';
    proxy.cutNext({ text, when: 'before' });
    const change = { user, from: '', to: 'new', keep: kept };
    await assert.rejects(store.changePassword(change), { name: 'StoreUnavailable' });
    assert.equal((await store.findUser(user))?.passwordHash, '');
    assert.equal((await store.listDevices(user)).length, 2);
    proxy.cutNext({ text, when: 'after' });
    assert.deepEqual(await store.changePassword(change), [other]);
    assert.equal((await store.findUser(user))?.passwordHash, 'new');
    assert.deepEqual(
      (await store.listDevices(user)).map(({ id }) => id),
      [kept],
    );
  });

  test(`[IDENT-3] ${flavour}: a log-in waits for a change of the password that has looked for devices already`, async (t) => {
    const url = await server.newDatabase();
    const store = await server.open(t, { url });
    const user = await addPerson(store);
    const change = await server.connect(t, url);
    await change.query('START TRANSACTION');
    await change.query("UPDATE user SET password_hash = 'new' WHERE id = ?", [user]);
    let isMade = false;
    // Bytes that are text: MySQL shows the statements of those that wait.
    const tokenHash = new Uint8Array(32);
    const login = addDevice(store, user, tokenHash).then(() => (isMade = true));
    await Promise.race([untilWaiting(url), login]);
    assert.equal(isMade, false);
    await change.query('COMMIT');
    await login;
    assert.equal((await store.findUser(user))?.passwordHash, 'new');
  });

  test(`[IDENT-3] ${flavour}: log-ins while the password changes end with it, or come to see it`, async (t) => {
    const store = await server.open(t);
    const user = await addPerson(store);
    const kept = await addDevice(store, user);
    for (let round = 1; round <= 20; round += 1) {
      const after = `${round}`;
      const from = round === 1 ? '' : `${round - 1}`;
      const change = store.changePassword({ user, from, to: after, keep: kept });
      const logins = Array.from({ length: 5 }, async () => {
        const id = await addDevice(store, user);
        return { id, sees: (await store.findUser(user))?.passwordHash };
      });
      const [ended, made] = await Promise.all([change, Promise.all(logins)]);
      for (const { id, sees } of made) assert.ok(sees === after || ended?.includes(id), `round ${round}`);
    }
  });
});

function addDevice(store: Store, user: UserId, tokenHash: Uint8Array = randomBytes(32)): Promise<DeviceId> {
  return store.createDevice({ user, name: 'x', tokenHash, atMs: 1 });
}
