import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { openMysqlStore } from '../../../src/store/mysql/mysql-store.ts';
import { CERTIFICATE, KEY, trustCertificate } from '../../fixtures/tls.ts';
import { CuttingProxy } from './cutting-proxy.ts';
import { done, openTalk, say, until } from './talk.ts';
import { onEachServer, type TestServer } from './test-server.ts';

const OPTIONS = [`--ssl-ca=${CERTIFICATE}`, `--ssl-cert=${CERTIFICATE}`, `--ssl-key=${KEY}`];

/** The address of a new database for a user whom the server lets in over TLS only. */
async function secretAddress(t: TestContext, server: TestServer): Promise<URL> {
  const url = await server.newDatabase();
  const admin = await server.connect(t, url);
  const plain = new URL(await server.plainUser(admin, url));
  await admin.query(`ALTER USER ${plain.username}@'%' REQUIRE SSL`);
  return Object.assign(plain, { search: '?ssl=true' });
}

await onEachServer((server) => {
  const { flavour } = server;

  test(`[SEND-1] ${flavour}: with ssl=true everything is said over TLS, to the one that the certificate names`, async (t) => {
    const url = await secretAddress(t, server);
    const to = (parts: { search?: string; hostname?: string }) => Object.assign(new URL(url), parts).href;
    await assert.rejects(openMysqlStore({ url: to({ search: '' }) }), { name: 'StoreUnavailable' });
    const untrusted = { name: 'StoreUnavailable', message: /self-signed certificate/ };
    await assert.rejects(openMysqlStore({ url: url.href }), untrusted);
    trustCertificate(t);
    for (const hostname of ['127.0.0.1', 'localhost']) {
      const store = await server.open(t, { url: to({ hostname }) });
      done(await store.commit([say(await openTalk(store))], 'main'));
    }
  });

  test(`[SEND-1] ${flavour}: a server with a certificate for somebody else is not talked to`, async (t) => {
    const url = await secretAddress(t, server);
    trustCertificate(t);
    const { url: other } = await CuttingProxy.open(t, url.href, '127.0.0.2');
    const message = /does not match certificate/;
    await assert.rejects(openMysqlStore({ url: other }), { name: 'StoreUnavailable', message });
  });

  test(`[SEND-5] ${flavour}: over TLS too, a server that stands still fails what is asked, and all heals`, async (t) => {
    const url = await secretAddress(t, server);
    trustCertificate(t);
    const proxy = await CuttingProxy.open(t, url.href);
    const store = await server.open(t, { url: proxy.url });
    const direct = await openTalk(store);
    done(await store.commit([say(direct)], 'main'));
    const cutOff = store.commit([say(direct)], 'main');
    proxy.cutAll();
    assert.notEqual((await cutOff).state, 'done');
    done(await store.commit([say(direct)], 'main'));
    t.after(() => server.process.thaw());
    server.process.freeze();
    await server.process.untilFrozen();
    const batch = [say(direct)];
    const reading = assert.rejects(store.heads([direct.id]), { name: 'StoreUnavailable' });
    assert.notEqual((await store.commit(batch, 'main')).state, 'done');
    await reading;
    server.process.thaw();
    await until('a batch is committed', async () => (await store.commit(batch, 'main')).state === 'done');
  });
}, OPTIONS);
