import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { embeddedNode, newUser, RawPeer } from './embedded-node.ts';

const PASSWORD = 'not the right one';

/** A peer whose proxy says that it comes from there. */
async function peerFrom(t: TestContext, address: string, port: number): Promise<RawPeer> {
  const socket = connect(port, '127.0.0.1');
  const peer = new RawPeer(socket);
  t.after(() => peer.close());
  peer.write(`PROXY TCP4 ${address} 127.0.0.1 40000 ${port}\r\n`);
  await peer.get('hello', { versions: [1] });
  return peer;
}

test('[AUTH-2] [WIRE-6] behind a proxy the guessing of passwords is slowed by the client’s address, not the proxy’s', async (t) => {
  const server = await embeddedNode(t, { listenProxy: '127.0.0.1:0', loginFailures: '3' });
  await newUser(server.port, 'ann');
  const port = server.proxyPort ?? 0;
  const attacker = await peerFrom(t, '203.0.113.7', port);
  const guess = async (peer: RawPeer) => peer.refusal('login', { user: 'ann', password: PASSWORD });
  const codes = [await guess(attacker), await guess(attacker), await guess(attacker), await guess(attacker)];
  assert.deepEqual(codes, ['bad_credentials', 'bad_credentials', 'bad_credentials', 'rate_limited']);
  const neighbour = await peerFrom(t, '198.51.100.9', port);
  assert.equal(await guess(neighbour), 'bad_credentials');
});

test('[WIRE-6] a PROXY header at the plain address changes nothing: it is answered as a bad frame', async (t) => {
  const server = await embeddedNode(t, { listenProxy: '127.0.0.1:0' });
  const peer = await RawPeer.connect(server.port);
  t.after(() => peer.close());
  peer.write('PROXY TCP4 203.0.113.7 127.0.0.1 40000 6000\r\n');
  const answer = await peer.until(() => true, 'an answer');
  assert.match(JSON.stringify(answer), /malformed/);
});
