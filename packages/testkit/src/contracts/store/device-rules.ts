import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { type OpenStore, type Person, StoreFixture } from './fixture.ts';

/** Log-ins: found by the hash of a token, and by nothing once they are revoked. [IDENT-3] */
export function deviceRules(name: string, open: OpenStore): void {
  test(`${name}: a device is found by its token's hash, with its account`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const person = await fixture.person();
    const tokenHash = randomBytes(32);
    const id = await fixture.store.createDevice({ user: person.id, name: 'phone', tokenHash, atMs: 5_000 });
    const found = await fixture.store.findDevice(tokenHash);
    assert.deepEqual(found?.device, { id, user: person.id, name: 'phone', createdAt: 5_000, lastSeenAt: 5_000 });
    assert.deepEqual(found.user, await fixture.store.findUser(person.id));
    assert.equal(await fixture.store.findDevice(randomBytes(32)), undefined);
  });

  test(`${name}: devices are listed newest first, the account's own ones only`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob] = [await fixture.person(), await fixture.person()];
    const ids = [];
    for (let count = 0; count < 3; count += 1) ids.unshift(await addDevice(fixture, ann));
    await addDevice(fixture, bob);
    assert.deepEqual(
      (await fixture.store.listDevices(ann.id)).map(({ id }) => id),
      ids,
    );
  });

  test(`[IDENT-3] ${name}: a revoked device is not found again, and is revoked once`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob] = [await fixture.person(), await fixture.person()];
    const tokenHash = randomBytes(32);
    const id = await fixture.store.createDevice({ user: ann.id, name: 'phone', tokenHash, atMs: 1 });
    assert.equal(await fixture.store.revokeDevice(bob.id, id), false);
    assert.ok((await fixture.store.findDevice(tokenHash)) !== undefined);
    assert.equal(await fixture.store.revokeDevice(ann.id, id), true);
    assert.equal(await fixture.store.findDevice(tokenHash), undefined);
    assert.deepEqual(await fixture.store.listDevices(ann.id), []);
    assert.equal(await fixture.store.revokeDevice(ann.id, id), false);
  });

  test(`[IDENT-3] ${name}: a new password revokes all devices but one, and tells which`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob] = [await fixture.person(), await fixture.person()];
    const [one, kept, three] = [
      await addDevice(fixture, ann),
      await addDevice(fixture, ann),
      await addDevice(fixture, ann),
    ];
    await addDevice(fixture, bob);
    const from = (await fixture.store.findUser(ann.id))?.passwordHash as string;
    const ended = await fixture.store.changePassword({ user: ann.id, from, to: 'new', keep: kept });
    assert.deepEqual(new Set(ended), new Set([one, three]));
    assert.deepEqual(
      (await fixture.store.listDevices(ann.id)).map(({ id }) => id),
      [kept],
    );
    assert.equal((await fixture.store.findUser(ann.id))?.passwordHash, 'new');
    assert.equal((await fixture.store.listDevices(bob.id)).length, 1);
    assert.notEqual((await fixture.store.findUser(bob.id))?.passwordHash, 'new');
    assert.deepEqual(await fixture.store.changePassword({ user: ann.id, from: 'new', to: 'newer', keep: kept }), []);
    assert.equal((await fixture.store.findUser(ann.id))?.passwordHash, 'newer');
  });

  test(`[IDENT-3] ${name}: a password that is another one by now is not replaced, and ends no device`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const ann = await fixture.person();
    const [kept, other] = [await addDevice(fixture, ann), await addDevice(fixture, ann)];
    const before = await fixture.store.findUser(ann.id);
    const change = { user: ann.id, from: 'another', to: 'new', keep: kept };
    assert.equal(await fixture.store.changePassword(change), undefined);
    assert.deepEqual(await fixture.store.findUser(ann.id), before);
    assert.deepEqual(new Set((await fixture.store.listDevices(ann.id)).map(({ id }) => id)), new Set([kept, other]));
  });

  test(`${name}: many devices are touched at once`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const ann = await fixture.person();
    const devices = [await addDevice(fixture, ann), await addDevice(fixture, ann)];
    await fixture.store.touchDevices(devices.map((device, index) => ({ device, atMs: 10_000 + index })));
    assert.deepEqual(
      (await fixture.store.listDevices(ann.id)).map(({ lastSeenAt }) => lastSeenAt),
      [10_001, 10_000],
    );
    await fixture.store.touchDevices([]);
  });
}

function addDevice({ store }: StoreFixture, { id }: Person) {
  return store.createDevice({ user: id, name: 'device', tokenHash: randomBytes(32), atMs: 1 });
}
