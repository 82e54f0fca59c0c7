import assert from 'node:assert/strict';
import { after } from 'node:test';
import { storeContract } from '@parley/testkit';
import { type MysqlStore, openMysqlStore } from '../../../src/store/mysql/mysql-store.ts';
import { FLAVOURS, TestServer } from './test-server.ts';

for (const flavour of FLAVOURS) {
  const server = new TestServer(flavour);
  let opening: Promise<MysqlStore> | undefined;
  const open = (): Promise<MysqlStore> => {
    opening ??= server.newDatabase().then((url) => openMysqlStore({ url }));
    return opening;
  };
  after(async () => (await opening)?.close());

  storeContract(flavour, open, {
    async shiftClock(store, byMs) {
      const own = await open();
      assert.equal(store, own);
      own.shiftClock(byMs);
    },
  });
}
