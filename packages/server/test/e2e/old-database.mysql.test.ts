import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unavailable } from '@parley/testkit';
import { type ServerProcess, startMysql } from '../../../rig/src/index.ts';
import { connectTo } from '../store/mysql/test-server.ts';
import { refusal, temporary } from './daemon.ts';

test('[OPS-2] a database server that is too old is refused in one sentence, exit 78, and nothing is made there', async (t) => {
  // What it says of itself is all that can be seen of its age; MariaDB lets itself be told what to say.
  const options = ['--version=10.5.29-MariaDB'];
  let server: ServerProcess;
  try {
    server = await startMysql({ flavour: 'mariadb', folder: temporary(t), options });
  } catch (error) {
    return unavailable(t, 'mariadb', String(error));
  }
  t.after(() => server.stop());
  const { code, sentence } = await refusal(t, { argv: ['--http', 'off'], env: { PARLEY_STORE: server.url } });
  assert.match(
    sentence,
    /^parleyd: the database server's version is 10\.5\.29-MariaDB: MySQL 8\.0 or MariaDB 10\.11 is needed/,
  );
  assert.equal(code, 78);
  await using connection = await connectTo(server.url);
  assert.deepEqual(await connection.query('SHOW TABLES'), []);
});
