import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Audience } from '../../../src/bench/fanout/audience.ts';
import { nativeRelay } from '../../../src/bench/relay/native-relay.ts';
import { startRelay } from '../../../src/bench/relay/relay-server.ts';

const GROUP = { group: 'g1', members: 12, tokenOf: (user: number) => `${user} g1` };

test('what one says, all members of the group hear, the speaker too', async () => {
  const { port, server } = await startRelay(10, nativeRelay());
  const audience = await Audience.open({ ...GROUP, ports: [port] });
  const latencies = await audience.speakFor(200);
  assert.ok(latencies.count > 1);
  assert.ok(latencies.quantile(0.5) > 0);
  audience.close();
  server.close();
});

test('a member that hears something twice fails the bench', async () => {
  const relay = nativeRelay();
  let sends = 0;
  const { port, server } = await startRelay(10, (frame, peer) => {
    relay(frame, peer);
    if (frame['op'] === 'send' && ++sends === 5) relay(frame, peer);
  });
  const audience = await Audience.open({ ...GROUP, ports: [port] });
  await assert.rejects(audience.speakFor(2_000), /neither now nor twice/);
  audience.close();
  server.close();
});
