import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { noteLastProfile } from '../src/disk/last-profile.ts';
import { findPaths, profileFolder } from '../src/disk/paths.ts';
import { writeSession } from '../src/disk/session-file.ts';
import type { Failure } from '../src/failure.ts';
import { readSettings, readSettingsToMend } from '../src/settings.ts';

function createHome(t: TestContext): { env: { PARLEY_HOME: string }; home: string } {
  const home = mkdtempSync(path.join(tmpdir(), 'parley-settings-'));
  t.after(() => rmSync(home, { recursive: true }));
  return { env: { PARLEY_HOME: home }, home };
}

function logIn(home: string, name: string, server: string): string {
  const paths = findPaths({ PARLEY_HOME: home });
  const folder = profileFolder(paths, name);
  writeSession(folder, { server, user: { id: 1, name }, device: 1, token: `token-of-${name}` });
  noteLastProfile(paths, name, server);
  return folder;
}

test('[CLI-3] a flag stands before the environment, the profile’s section, the file, and the default', (t) => {
  const { env, home } = createHome(t);
  const server = (flags: Record<string, string>, more: Record<string, string> = {}): string =>
    readSettings(flags, { ...env, ...more }, true).server;
  assert.equal(server({}), '127.0.0.1:6000');
  writeFileSync(path.join(home, 'config.toml'), 'server = "file.example"\n[profile.work]\nserver = "work.example"\n');
  assert.equal(server({}), 'file.example:6000');
  assert.equal(server({ profile: 'work' }), 'work.example:6000');
  assert.equal(server({ profile: 'work' }, { PARLEY_SERVER: 'env.example' }), 'env.example:6000');
  assert.equal(
    server({ profile: 'work', server: 'flag.example' }, { PARLEY_SERVER: 'env.example' }),
    'flag.example:6000',
  );
});

test('[CLI-3] without a name the profile used last applies, on the server that is meant', (t) => {
  const { env, home } = createHome(t);
  logIn(home, 'alice', 'one.example:6000');
  logIn(home, 'bob', 'two.example:6000');
  const settings = readSettings({}, env, true);
  assert.deepEqual(
    [settings.profile, settings.server, settings.session?.user.name],
    ['bob', 'two.example:6000', 'bob'],
  );
  assert.equal(readSettings({ server: 'one.example' }, env, true).profile, 'alice');
  assert.equal(readSettings({ server: 'three.example' }, env, true).profile, undefined);
});

test('[AUTH-3] a token is never told to another server than its own', (t) => {
  const { env, home } = createHome(t);
  logIn(home, 'alice', 'one.example:6000');
  assert.equal(readSettings({ profile: 'alice', server: 'evil.example' }, env, true).session, undefined);
});

test('[AUTH-3] [CLI-3] a session that others can read is refused, by name', (t) => {
  const { env, home } = createHome(t);
  const file = path.join(logIn(home, 'alice', 'one.example:6000'), 'session.json');
  chmodSync(file, 0o644);
  assert.throws(
    () => readSettings({}, env, true),
    (error: Failure) => error.exit === 78 && error.message.includes(file) && error.message.includes('0644'),
  );
  assert.equal(readSettings({}, { ...env, PARLEY_TOKEN: 't' }, true).token, 't');
});

test('[CLI-3] a setting that makes no sense is named', (t) => {
  const { env, home } = createHome(t);
  writeFileSync(path.join(home, 'config.toml'), '# fine\nserver = file.example\n');
  assert.throws(
    () => readSettings({}, env, true),
    (error: Failure) => error.exit === 78 && error.message.includes('config.toml:2'),
  );
  assert.throws(
    () => readSettings({ config: path.join(home, 'none') }, env, true),
    (error: Failure) => error.exit === 78,
  );
});

test('[CLI-3] a value that makes no sense is the file’s mistake, and does not lock out who mends it', (t) => {
  const { env, home } = createHome(t);
  const file = path.join(home, 'config.toml');
  for (const line of ['timeout = "abc"', 'server = "1.2.3.4:99999"', '[profile.work]\ntimeout = "abc"']) {
    writeFileSync(file, `${line}\n`);
    assert.throws(
      () => readSettings({ profile: 'work' }, env, true),
      (error: Failure) => error.exit === 78 && error.message.includes(file),
      line,
    );
    assert.equal(readSettingsToMend({ profile: 'work' }, env, true).configFile, file);
  }
  // What is given stands before the file, and is then the mistake of who gave it.
  assert.equal(readSettings({ profile: 'work', timeout: '3s' }, env, true).timeoutMs, 3_000);
  assert.throws(
    () => readSettings({ timeout: 'abc' }, env, true),
    (error: Failure) => error.exit === 2,
  );
});

test('nothing is asked when there is no terminal', (t) => {
  const { env } = createHome(t);
  assert.deepEqual(
    [
      readSettings({}, env, false).noInput,
      readSettings({}, env, true).noInput,
      readSettings({}, { ...env, PARLEY_NO_INPUT: '1' }, true).noInput,
    ],
    [true, false, true],
  );
});
