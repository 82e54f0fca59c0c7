import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { readConfigFile } from '../../src/disk/config-file.ts';

test('settings and profiles are read; comments and both kinds of quotes are fine', (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-config-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'config.toml');
  writeFileSync(
    file,
    '# one\nserver = "a # b" # two\nquiet=true\r\ntimeout = \'5s\'\n\n[profile.work]\nserver = "w"\n[profile."a b"]\nretries = 3\n',
  );
  assert.deepEqual(readConfigFile(file, true), {
    settings: { server: 'a # b', quiet: 'true', timeout: '5s' },
    profiles: { work: { server: 'w' }, 'a b': { retries: '3' } },
  });
  for (const text of ['x', 'x = y', '[other]', 'x = [1]', 'x = "a" b']) {
    writeFileSync(file, text);
    assert.throws(() => readConfigFile(file, true), /config\.toml:1/, text);
  }
});
