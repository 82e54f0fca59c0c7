import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { findPaths, profileFolder, storeFile } from '../../src/disk/paths.ts';

test('[CLI-3] files stand where XDG says, or all in PARLEY_HOME', () => {
  assert.deepEqual(findPaths({ HOME: '/h' }), {
    configFile: '/h/.config/parley/config.toml',
    stateFolder: '/h/.local/state/parley',
    dataFolder: '/h/.local/share/parley',
  });
  assert.equal(storeFile(findPaths({ HOME: '/h', XDG_DATA_HOME: '/d' }), 'ann'), '/d/parley/ann/store.db');
  assert.equal(findPaths({ HOME: '/h', XDG_STATE_HOME: '/s' }).stateFolder, '/s/parley');
  assert.equal(findPaths({ HOME: '/h', XDG_STATE_HOME: 'relative' }).stateFolder, '/h/.local/state/parley');
  assert.deepEqual(findPaths({ HOME: '/h', PARLEY_HOME: '/p q' }), {
    configFile: '/p q/config.toml',
    stateFolder: '/p q',
    dataFolder: '/p q',
  });
});

test('[CLI-3] no profile’s name leads out of its folder, and each has its own', () => {
  const paths = findPaths({ PARLEY_HOME: '/p' });
  const names = [
    'alice',
    '..',
    '.',
    '../../etc',
    '.last-profile.json',
    'a\\b',
    'a b',
    '%',
    'Ünïcode',
    '\u{FDFA}'.repeat(50),
    'x'.repeat(300),
  ];
  const folders = names.map((name) => profileFolder(paths, name));
  for (const folder of folders) {
    assert.equal(path.dirname(folder), '/p', folder);
    assert.ok(!path.basename(folder).startsWith('.') && Buffer.byteLength(path.basename(folder)) <= 200, folder);
  }
  assert.equal(new Set(folders).size, names.length);
  assert.equal(profileFolder(paths, 'ALICE'), profileFolder(paths, 'alice'));
});
