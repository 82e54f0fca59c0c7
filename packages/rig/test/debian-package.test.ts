import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { debianPackage } from '../src/debian-package.ts';

/** A PATH whose apt-get writes down what it is asked, and does what `script` says. */
function fakeAptGet(t: TestContext, script: string) {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-apt-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const log = path.join(folder, 'log');
  const file = path.join(folder, 'apt-get');
  writeFileSync(file, `#!/bin/sh\nshift 5\necho "$@" >>'${log}'\ncd '${folder}'\n${script}\n`, { mode: 0o755 });
  return {
    folder,
    surroundings: { env: { PATH: `${folder}:/usr/bin:/bin` }, mayInstall: true },
    asked: () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []),
  };
}

const INSTALL_GADGET = 'printf "#!/bin/sh\\n" >gadget; chmod +x gadget';
const hasFlock = existsSync('/usr/bin/flock');

test('a program on the PATH is taken as it is', async (t) => {
  const apt = fakeAptGet(t, 'exit 1');
  assert.deepEqual(await debianPackage('apt-get', 'apt', apt.surroundings), { file: path.join(apt.folder, 'apt-get') });
  assert.deepEqual(apt.asked(), []);
});

test('a program that is lacking is installed, without fetching lists first', { skip: !hasFlock }, async (t) => {
  const apt = fakeAptGet(t, INSTALL_GADGET);
  const found = await debianPackage('gadget', 'gadget-tools', apt.surroundings);
  assert.deepEqual(found, { file: path.join(apt.folder, 'gadget') });
  assert.deepEqual(apt.asked(), ['install gadget-tools']);
});

test('lists are fetched when the package is not known', { skip: !hasFlock }, async (t) => {
  const apt = fakeAptGet(t, `case $1 in update) touch lists;; *) [ -e lists ] && ${INSTALL_GADGET};; esac`);
  const found = await debianPackage('gadget', 'gadget', apt.surroundings);
  assert.deepEqual(found, { file: path.join(apt.folder, 'gadget') });
  assert.deepEqual(apt.asked(), ['install gadget', 'update', 'install gadget']);
});

test('installations take turns', { skip: !hasFlock }, async (t) => {
  const apt = fakeAptGet(t, 'mkdir busy || exit 9; sleep 0.2; rmdir busy; touch "$2"; chmod +x "$2"');
  const found = await Promise.all(['one', 'two', 'three'].map((name) => debianPackage(name, name, apt.surroundings)));
  assert.deepEqual(
    found,
    ['one', 'two', 'three'].map((name) => ({ file: path.join(apt.folder, name) })),
  );
  assert.deepEqual(apt.asked().toSorted(), ['install one', 'install three', 'install two']);
});

test('what cannot be had is said in one sentence', { skip: !hasFlock }, async (t) => {
  const apt = fakeAptGet(t, 'exit 100');
  assert.deepEqual(await debianPackage('gadget', 'gadget', apt.surroundings), {
    missing: 'gadget is not installed, and apt-get cannot install gadget',
  });
  assert.deepEqual(await debianPackage('gadget', 'gadget', { ...apt.surroundings, mayInstall: false }), {
    missing: 'gadget is not installed (Debian and Ubuntu have it in the package gadget)',
  });
});
