import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { checkBoundaries, LAYERS } from '../boundaries.ts';

/** Whether `file` may hold `line`. */
function mayHold(file: string, line: string): boolean {
  return checkBoundaries(new Map([[file, `// first line\n${line}\n`]])).length === 0;
}

const SERVER = 'packages/server/src';

test('finds an import that the table does not allow, and says what is allowed and why', () => {
  const found = checkBoundaries(new Map([[`${SERVER}/chat/sending.ts`, "import { connect } from 'node:net';\n"]]));
  assert.equal(found.length, 1);
  assert.match(found[0] ?? '', /chat\/sending\.ts: may not import node:net .*no socket.*Allowed: .*chat\/ports/);
});

for (const [file, line] of [
  [`${SERVER}/chat/sending.ts`, "import { openStore } from '../store/sqlite/sqlite-store.ts';"],
  [`${SERVER}/chat/sending.ts`, "import type { Session } from '../session/session.ts';"],
  [`${SERVER}/net/connection.ts`, "import { Accounts } from '../chat/accounts.ts';"],
  [`${SERVER}/session/session.ts`, "import { Connection } from '../net/connection.ts';"],
  [`${SERVER}/delivery/feed.ts`, "import { setTimeout } from 'node:timers/promises';"],
  [`${SERVER}/delivery/feed.ts`, "import { carryOut } from './engine.ts';"],
  [`${SERVER}/store/sqlite/log.ts`, "import { connect } from '../mysql/mysql-store.ts';"],
  [`${SERVER}/store/sqlite/log.ts`, "import mariadb from 'mariadb';"],
  [`${SERVER}/main.ts`, "const store = await import('./store/sqlite/sqlite-store.ts');"],
  [`${SERVER}/chat/groups.ts`, "import {\n  type A,\n  b,\n} from '@parley/client';"],
  [`${SERVER}/chat/groups.ts`, "export { x } from 'pino';"],
  [`${SERVER}/net/listener.ts`, "import { config } from '../config.ts';"],
  ['packages/client/src/outbox.ts', "import '@parley/server';"],
  ['packages/client/src/outbox.ts', "import { x } from '../../protocol/src/limits.ts';"],
  ['packages/cli/src/verbs/verify.ts', "import { verify } from '@parley/verify';"],
  ['packages/cli/src/text/wrap.ts', "import { ChatClient } from '@parley/client';"],
  ['packages/verify/src/checkers/order.ts', "import { Feed } from '@parley/server/delivery';"],
  ['packages/rig/src/mysql.ts', "import { clock } from '@parley/testkit';"],
] as const) {
  test(`refuses ${file}: ${line}`, () => assert.equal(mayHold(file, line), false));
}

for (const [file, line] of [
  [`${SERVER}/chat/sending.ts`, "import type { Store } from './ports/store.ts';"],
  [`${SERVER}/chat/sending.ts`, "// import { connect } from 'node:net';"],
  [`${SERVER}/delivery/engine.ts`, "import { Feed } from './feed.ts';"],
  [`${SERVER}/delivery/engine.ts`, "import { performance } from 'node:perf_hooks';"],
  [`${SERVER}/store/mysql/log.ts`, "import mariadb from 'mariadb';"],
  [`${SERVER}/store/mysql/log.ts`, "import { migrate } from '../migrate.ts';"],
  [`${SERVER}/compose.ts`, "const store = await import('./store/mysql/mysql-store.ts');"],
  [`${SERVER}/main.ts`, "import { compose } from './compose.ts';"],
  [`${SERVER}/net/listener.ts`, "import type { Config } from '../config.ts';"],
  ['packages/cli/src/verbs/verify.ts', "const { verify } = await import('@parley/verify');"],
  ['packages/cli/src/plain/prompt.ts', "import { wrap } from '../text/wrap.ts';"],
  ['packages/verify/src/simulation/world.ts', "import { Feed } from '@parley/server/delivery';"],
  [`packages/server/test/chat/sending.test.ts`, "import { connect } from 'node:net';"],
] as const) {
  test(`allows ${file}: ${line}`, () => assert.equal(mayHold(file, line), true));
}

test('a new folder of the server must be given its place in the table', () => {
  assert.match(checkBoundaries(new Map([[`${SERVER}/extras/x.ts`, '']]))[0] ?? '', /no layer/);
});

const ROOT = path.join(import.meta.dirname, '../..');

/** The folders that ARCHITECTURE.md describes, and what it says of them. */
function described(): Map<string, string> {
  const text = readFileSync(path.join(ROOT, 'ARCHITECTURE.md'), 'utf8');
  const rows = [...text.matchAll(/^\| `((?:packages|tools|docs)[^`]*)` \| ([^\n]*)/gm)];
  return new Map(rows.map(([, folder = '', row = '']) => [folder, row]));
}

test('ARCHITECTURE.md names every package and every folder of the server, and none that is not there', () => {
  const packages = readdirSync(path.join(ROOT, 'packages')).map((name) => `packages/${name}`);
  const parts = readdirSync(path.join(ROOT, SERVER), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `${SERVER}/${name}`);
  const names = described();
  for (const folder of [...packages.filter((name) => name !== 'packages/server'), ...parts]) {
    assert.ok(names.has(folder), `${folder} is not described`);
  }
  for (const folder of names.keys()) assert.ok(existsSync(path.join(ROOT, folder)), `${folder} is not there`);
});

test('ARCHITECTURE.md says of each layer of the server what the table here allows it', () => {
  for (const [folder, row] of described()) {
    if (!folder.startsWith(`${SERVER}/`)) continue;
    const may = row.split('|')[1] ?? '';
    for (const allowed of LAYERS[folder]?.may ?? []) {
      const [name = ''] = allowed.replace(`${SERVER}/`, '').replace('@parley/', '').split('/');
      const isOurs = allowed.startsWith('@parley/') || allowed.startsWith(SERVER);
      const isOwn = allowed.startsWith(`${folder}/`);
      if (isOurs && !isOwn) assert.ok(may.includes(name), `${folder} may import ${name}`);
    }
  }
});
