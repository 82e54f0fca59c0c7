import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openHealth } from '../../src/http/health.ts';

test('[OPS-1] readyz turns red while draining, healthz stays green', async (t) => {
  let isReady = true;
  const health = await openHealth({ host: '127.0.0.1', port: 0, isReady: () => isReady });
  t.after(() => health.close());
  const get = async (path: string, method = 'GET'): Promise<[number, string]> => {
    const response = await fetch(`http://127.0.0.1:${health.port}${path}`, { method });
    return [response.status, await response.text()];
  };
  assert.deepEqual(await get('/healthz'), [200, 'ok\n']);
  assert.deepEqual(await get('/readyz?x=1'), [200, 'ready\n']);
  isReady = false;
  assert.deepEqual(await get('/readyz'), [503, 'draining\n']);
  assert.deepEqual(await get('/healthz'), [200, 'ok\n']);
  assert.equal((await get('/'))[0], 404);
  assert.equal((await get('/healthz', 'POST'))[0], 405);
});

test('[OPS-2] a port that is taken is an error of its own', async (t) => {
  const health = await openHealth({ host: '127.0.0.1', port: 0, isReady: () => true });
  t.after(() => health.close());
  const second = openHealth({ host: '127.0.0.1', port: health.port, isReady: () => true });
  await assert.rejects(second, { code: 'EADDRINUSE' });
});
