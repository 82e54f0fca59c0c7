import assert from 'node:assert/strict';
import test from 'node:test';
import { withSetting } from '../../src/disk/config-change.ts';

const set = (text: string, change: { key: string; value: string | undefined; profile?: string }): string =>
  withSetting(text, { profile: undefined, ...change });

test('a setting is added, changed in its place and taken away; all else stays', () => {
  assert.equal(set('', { key: 'server', value: 'a:1' }), 'server = "a:1"\n');
  const file = '# mine\nserver = "a:1" # home\n\n[profile.ann]\ntimeout = "3s"\n\n[profile."b b"]\njson = true\n';
  assert.equal(set(file, { key: 'server', value: 'b:2' }), file.replace('server = "a:1" # home', 'server = "b:2"'));
  assert.equal(set(file, { key: 'json', value: 'true' }), file.replace('# home\n', '# home\njson = "true"\n'));
  assert.equal(set(file, { key: 'server', value: undefined }), file.replace('server = "a:1" # home\n', ''));
  assert.equal(set(file, { key: 'quiet', value: undefined }), file);
});

test('a profile’s settings are its own', () => {
  const file = 'timeout = "1s"\n[profile.ann]\ntimeout = "3s"\n';
  assert.equal(
    set(file, { key: 'timeout', value: '4s', profile: 'ann' }),
    'timeout = "1s"\n[profile.ann]\ntimeout = "4s"\n',
  );
  assert.equal(set(file, { key: 'timeout', value: '5s' }), 'timeout = "5s"\n[profile.ann]\ntimeout = "3s"\n');
  assert.equal(
    set(file, { key: 'timeout', value: '6s', profile: 'b b' }),
    `${file}\n[profile."b b"]\ntimeout = "6s"\n`,
  );
});

test('a value that a string cannot hold is refused', () => {
  for (const value of ['a"b', 'a\\b', 'a\nb'])
    assert.throws(() => set('', { key: 'server', value: value }), /no quotes/);
});
