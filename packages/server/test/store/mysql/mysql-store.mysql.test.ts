import assert from 'node:assert/strict';
import { after } from 'node:test';
import { storeContract } from '@parley/testkit';
import { type MysqlStore, openMysqlStore } from '../../../src/store/mysql/mysql-store.ts';
import { onEachServer } from './test-server.ts';

await onEachServer((server) => {
  // One store for all: opening one takes longer than most of the tests.
  let opening: Promise<MysqlStore> | undefined;
  const open = (): Promise<MysqlStore> => {
    opening ??= server.newDatabase().then((url) => openMysqlStore({ url }));
    return opening;
  };
  after(async () => (await opening)?.close());

  storeContract(server.flavour, open, {
    async shiftClock(store, byMs) {
      const own = await open();
      assert.equal(store, own);
      own.shiftClock(byMs);
    },
  });
});
