import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noSuchUser, type OpenStore, StoreFixture, uniqueName } from './fixture.ts';

/** Accounts: found by number and by key, each key taken once, ids that rise. [NAME-1] [DATA-1] */
export function accountRules(name: string, open: OpenStore): void {
  test(`${name}: an account is found by its number and by its name's key`, async (t) => {
    const { store } = await StoreFixture.open(t, open);
    const [shown, key] = [uniqueName('Ann'), uniqueName('ann')];
    const id = await store.createUser({ name: shown, key, passwordHash: '$argon2id$…' });
    assert.ok(id !== undefined);
    const expected = { id, name: shown, passwordHash: '$argon2id$…', disabled: false, lastSeenAt: null };
    assert.deepEqual(await store.findUser(id), expected);
    assert.deepEqual(await store.findUserByKey(key), expected);
    assert.equal(await store.findUser(noSuchUser), undefined);
    assert.equal(await store.findUserByKey(uniqueName('nobody')), undefined);
  });

  test(`[NAME-1] ${name}: a key is taken once, and keys are compared as bytes`, async (t) => {
    const { store } = await StoreFixture.open(t, open);
    const key = uniqueName('key');
    const create = (each: string) => store.createUser({ name: 'x', key: each, passwordHash: '' });
    assert.ok((await create(key)) !== undefined);
    assert.equal(await create(key), undefined);
    // Pairs that one or the other database's collation takes for equal.
    const others = [`${key} `, key.toUpperCase(), `${key}😀`, `${key}😂`, `${key}ä`, `${key}a`, `${key}ß`, `${key}ss`];
    for (const other of others) assert.ok((await create(other)) !== undefined, JSON.stringify(other));
  });

  test(`[DATA-1] ${name}: ids rise, also after a name that was taken`, async (t) => {
    const { store } = await StoreFixture.open(t, open);
    const key = uniqueName('key');
    const first = await store.createUser({ name: key, key, passwordHash: '' });
    await store.createUser({ name: key, key, passwordHash: '' });
    const other = uniqueName('key');
    const second = await store.createUser({ name: other, key: other, passwordHash: '' });
    assert.ok(first !== undefined && second !== undefined && first > 0 && second > first && second < 2 ** 31);
  });

  test(`${name}: last seen moves forward only`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const { id } = await fixture.person();
    for (const atMs of [1_000, 3_000, 2_000]) await fixture.store.setLastSeen(id, atMs);
    assert.equal((await fixture.store.findUser(id))?.lastSeenAt, 3_000);
  });
}
