import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openHealth } from '../../src/http/health.ts';
import type { Metric } from '../../src/observe/metrics.ts';

const METRICS: readonly Metric[] = [
  { name: 'parley_connections', help: 'Connections now.', kind: 'gauge', read: () => 3 },
  {
    name: 'parley_refusals_total',
    help: 'Requests refused.',
    kind: 'counter',
    read: () => [
      { label: 'code', is: 'busy', value: 1 },
      { label: 'code', is: 'blocked', value: 2 },
    ],
  },
];

test('[OPS-4] metrics are served in the text format of Prometheus', async (t) => {
  const health = await openHealth({ host: '127.0.0.1', port: 0, isReady: () => true, metrics: METRICS });
  t.after(() => health.close());
  const response = await fetch(`http://127.0.0.1:${health.port}/metrics`);
  assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  assert.deepEqual((await response.text()).split('\n'), [
    '# HELP parley_connections Connections now.',
    '# TYPE parley_connections gauge',
    'parley_connections 3',
    '# HELP parley_refusals_total Requests refused.',
    '# TYPE parley_refusals_total counter',
    'parley_refusals_total{code="busy"} 1',
    'parley_refusals_total{code="blocked"} 2',
    '',
  ]);
});

test('[OPS-1] readyz turns red while draining, healthz stays green', async (t) => {
  let isReady = true;
  const health = await openHealth({ host: '127.0.0.1', port: 0, isReady: () => isReady, metrics: METRICS });
  t.after(() => health.close());
  const get = async (path: string, method = 'GET'): Promise<[number, string]> => {
    const response = await fetch(`http://127.0.0.1:${health.port}${path}`, { method });
    return [response.status, await response.text()];
  };
  assert.deepEqual(await get('/healthz'), [200, 'ok\n']);
  assert.deepEqual(await get('/readyz?x=1'), [200, 'ready\n']);
  isReady = false;
  assert.deepEqual(await get('/readyz'), [503, 'not ready\n']);
  assert.deepEqual(await get('/healthz'), [200, 'ok\n']);
  assert.equal((await get('/'))[0], 404);
  assert.equal((await get('/healthz', 'POST'))[0], 405);
});

test('[OPS-2] a port that is taken is an error of its own', async (t) => {
  const health = await openHealth({ host: '127.0.0.1', port: 0, isReady: () => true, metrics: [] });
  t.after(() => health.close());
  const second = openHealth({ host: '127.0.0.1', port: health.port, isReady: () => true, metrics: [] });
  await assert.rejects(second, { code: 'EADDRINUSE' });
});
