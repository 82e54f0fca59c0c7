import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';

const LAUNCH = path.join(import.meta.dirname, '../src/launch.cjs');

/** Does what its arguments say, and says where it runs once it is ready for signals. */
const PROGRAM = `
const [what, value] = process.argv.slice(2);
if (what === 'exit') process.exitCode = Number(value);
if (what === 'wait') setInterval(() => {}, 1_000);
if (what === 'polite') { setInterval(() => {}, 1_000); process.on('SIGTERM', () => process.exit(7)); }
process.stdout.write(process.pid + ' ' + process.execArgv.join(' ') + ' ' + process.argv.slice(2).join(' ') + '\\n');
`;
/** Makes this Node.js look like one that cannot run the program, nor become another program. */
const OLD_NODE = `
Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.0' } });
process.execve = undefined;
`;

/** A clone with one program in it, or what npm installs of it. */
function makePackage(t: TestContext, kind: 'clone' | 'published', withNode = true) {
  const root = mkdtempSync(path.join(tmpdir(), 'parley-launch-'));
  t.after(() => rmSync(root, { recursive: true }));
  const folder = path.join(root, 'packages/server');
  const main = path.join(folder, kind === 'clone' ? 'src/main.ts' : 'dist/main.js');
  mkdirSync(path.dirname(main), { recursive: true });
  mkdirSync(path.join(root, 'node_modules/.bin'), { recursive: true });
  if (withNode) symlinkSync(process.execPath, path.join(root, 'node_modules/.bin/node'));
  writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(main, PROGRAM);
  writeFileSync(path.join(root, 'old-node.cjs'), OLD_NODE);
  writeFileSync(
    path.join(root, 'parleyd.cjs'),
    `require(${JSON.stringify(LAUNCH)}).launch(${JSON.stringify(folder)}, ['--stack-size=900']);`,
  );
  return root;
}

/** Runs the launcher of a package with arguments for its program. */
function start(t: TestContext, { root, node, args }: { root: string; node: 'old' | 'new'; args: string[] }) {
  const preload = node === 'old' ? ['--require', path.join(root, 'old-node.cjs')] : [];
  const child = spawn(process.execPath, [...preload, path.join(root, 'parleyd.cjs'), ...args]);
  t.after(() => child.kill('SIGKILL'));
  return { child, ended: once(child, 'exit'), stdout: text(child.stdout), stderr: text(child.stderr) };
}

/** @returns the program's own process id, once it runs */
async function programOf(child: ChildProcess): Promise<number> {
  assert.ok(child.stdout);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return Number(line.toString().split(' ')[0]);
}

for (const node of ['old', 'new'] as const) {
  test(`${node} Node: passes arguments, flags, the source condition and the exit code`, async (t) => {
    const run = start(t, { root: makePackage(t, 'clone'), node, args: ['exit', '3'] });
    assert.deepEqual(await run.ended, [3, null]);
    assert.match(await run.stdout, /--stack-size=900 --conditions=@parley\/source.* exit 3\n/);
    assert.equal(await run.stderr, '');
  });

  test(`${node} Node: passes SIGTERM, and ends as the program ends`, async (t) => {
    const run = start(t, { root: makePackage(t, 'clone'), node, args: ['polite'] });
    await programOf(run.child);
    run.child.kill('SIGTERM');
    assert.deepEqual(await run.ended, [7, null]);
  });

  test(`${node} Node: dies by the signal that the program died by`, async (t) => {
    const run = start(t, { root: makePackage(t, 'clone'), node, args: ['wait'] });
    process.kill(await programOf(run.child), 'SIGHUP');
    assert.deepEqual(await run.ended, [null, 'SIGHUP']);
  });

  test(`${node} Node: a launcher that is killed outright leaves no program behind`, async (t) => {
    const run = start(t, { root: makePackage(t, 'clone'), node, args: ['wait'] });
    await programOf(run.child);
    run.child.kill('SIGKILL');
    await run.stdout; // closes when the program, which holds it too, is gone
  });
}

test('a published package runs what was built, in the same process', async (t) => {
  const run = start(t, { root: makePackage(t, 'published', false), node: 'new', args: ['exit', '4'] });
  assert.deepEqual(await run.ended, [4, null]);
  assert.match(await run.stdout, new RegExp(`^${run.child.pid} --stack-size=900 `));
});

test('without a Node that is new enough it says what to do', async (t) => {
  const run = start(t, { root: makePackage(t, 'clone', false), node: 'old', args: ['exit', '0'] });
  assert.deepEqual(await run.ended, [1, null]);
  assert.match(await run.stderr, /Parley needs Node.js 24\.15 or later, this is .*npm ci/);
});
