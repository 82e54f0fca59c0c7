import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { LiveSession, type SessionListener } from '../../src/crowd/live-session.ts';
import { HistoryWriter } from '../../src/history/history-writer.ts';

const SILENT: Omit<SessionListener, 'onEnd'> = {
  onEntry: () => {},
  onGap: () => {},
  onState: () => {},
  onSynced: () => {},
  onGoaway: () => {},
};

for (const frame of ['no frame', '5', 'null', '"re"']) {
  test(`what is no frame (${frame}) ends the session, and the history tells it`, async (t) => {
    const server = createServer((socket) => socket.on('error', () => {}).write(`${frame}\n`)).listen(0, '127.0.0.1');
    t.after(() => server.close());
    await once(server, 'listening');
    const history = new HistoryWriter('/dev/null');
    const written = t.mock.method(history, 'write', () => {});
    const { promise: ended, resolve: onEnd } = Promise.withResolvers<string>();
    const { port } = server.address() as AddressInfo;
    await LiveSession.connect({ name: 'node1', port }, 7, { history, listener: { ...SILENT, onEnd } });
    assert.equal(await ended, 'no frame');
    const problems = written.mock.calls.map(({ arguments: [record] }) => record);
    assert.deepEqual(problems, [{ k: 'problem', what: `user 7 was sent what is no frame: ${frame}` }]);
    await history.close();
  });
}
