import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Daemon, inFolder, temporary, until } from './daemon.ts';
import { RawPeer } from './embedded-node.ts';

interface Line {
  readonly text: string;
  readonly connection?: number;
  readonly user?: number;
  readonly message?: string;
  readonly code?: string;
}

test('[AUTH-3] the log tells connections, users and messages by number, and never a word or secret of anybody', async (t) => {
  const daemon = new Daemon(t, { env: { ...inFolder(temporary(t)), PARLEY_LOG_LEVEL: 'debug' } });
  await daemon.ready();
  const ann = await RawPeer.connect(daemon.port);
  t.after(() => ann.close());
  const { token } = await ann.get('register', { name: 'ann-by-name', password: 'a long secret' });
  const ben = await RawPeer.connect(daemon.port);
  t.after(() => ben.close());
  await ben.get('register', { name: 'ben', password: 'another secret' });
  await ann.get('send', { to: '@ben', text: 'between us', clientId: 'one' });
  ben.write(`${JSON.stringify({ msgid: 6 })}\n`);
  ann.write(`{"op":"${'x'.repeat(70_000)}"}\n`);
  await ann.untilClosed();
  const lines = (): Line[] =>
    daemon.stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
  await until(() => lines().some(({ text }) => text === 'logged out'));
  const told = lines().map(({ text, connection, user, message, code }) => ({ text, connection, user, message, code }));
  const none = undefined;
  assert.deepEqual(
    told.filter(({ user }) => user !== undefined),
    [
      { text: 'logged in', connection: 1, user: 1, message: none, code: none },
      { text: 'logged in', connection: 2, user: 2, message: none, code: none },
      { text: 'message stored', connection: 1, user: 1, message: 'd1-2/1', code: none },
      { text: 'a session was closed', connection: 1, user: 1, message: none, code: 'framing_lost' },
      { text: 'logged out', connection: 1, user: 1, message: none, code: none },
    ],
  );
  assert.doesNotMatch(daemon.stderr, /secret|between us|ann-by-name/);
  assert.equal(daemon.stderr.includes(String(token)), false);
});
