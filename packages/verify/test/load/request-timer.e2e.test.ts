import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startRelay } from '../../src/bench/relay/relay-server.ts';
import { LatencyHistogram } from '../../src/load/latency-histogram.ts';
import { NativeSession } from '../../src/load/native-session.ts';
import { RequestTimer } from '../../src/load/request-timer.ts';

test('each answer is taken by its number, and a refusal is told at the end', async () => {
  const { port, server } = await startRelay(10, (frame, peer) => {
    const what = frame['op'] === 'ping' ? '"ok":{}' : '"err":{"code":"unknown_op"}';
    peer.write(`{"ev":"presence"}\n{"re":${String(frame['id'])},${what}}\n`);
  });
  const session = await NativeSession.connect(port);
  const latencies = new LatencyHistogram();
  const timer = new RequestTimer(session, latencies);
  const due = performance.now() - 5;
  timer.ask('"op":"ping"', due);
  timer.ask('"op":"ping"', due);
  await timer.finish();
  assert.equal(latencies.count, 2);
  assert.ok(latencies.quantile(0.5) >= 5_000);
  timer.ask('"op":"pong"', due);
  await assert.rejects(timer.finish(), /unknown_op/);
  session.end();
  server.close();
});
