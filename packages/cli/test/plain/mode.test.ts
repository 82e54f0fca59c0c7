import assert from 'node:assert/strict';
import test from 'node:test';
import { parseArgv } from '../../src/argv.ts';
import { type Mode, modeOf } from '../../src/plain/mode.ts';
import { readSettings } from '../../src/settings.ts';

function mode(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Mode {
  const line = parseArgv(argv);
  const nowhere = { HOME: '/nowhere', PARLEY_HOME: '/nowhere', TERM: 'xterm', ...env };
  return modeOf({ line, env: nowhere, settings: readSettings(line.flags, nowhere, true) });
}

test('the first line says which switch turned the mode on', () => {
  assert.equal(mode([]).notice, undefined);
  assert.equal(mode(['--plain']).notice, 'parley: plain mode (--plain).');
  assert.equal(mode([], { TERM: 'dumb' }).notice, 'parley: plain mode (TERM=dumb).');
  assert.equal(
    mode([], { TERM: '' }).notice,
    process.platform === 'win32' ? undefined : 'parley: plain mode (TERM is not set).',
  );
  assert.match(mode([], { LANG: 'C' }).notice ?? '', /^parley: only ASCII is shown \(LANG=C\)/);
  assert.equal(mode([], { ACCESSIBLE: '1' }).notice, 'parley: plain mode for screen readers (ACCESSIBLE).');
  assert.equal(mode(['--screen-reader']).notice, 'parley: plain mode for screen readers (--screen-reader).');
  const set = mode([], { PARLEY_SCREEN_READER: '1' });
  assert.equal(set.notice, 'parley: plain mode for screen readers (the setting screen-reader).');
});

test('a screen reader is told things when nobody types, others at once; `say` changes that', () => {
  assert.deepEqual([mode([]).say, mode(['--screen-reader']).say], ['now', 'idle']);
  assert.equal(mode(['--say', 'on-enter', '@bob']).say, 'on-enter');
  assert.equal(mode([], { PARLEY_SAY: 'now', ACCESSIBLE: '1' }).say, 'now');
  assert.equal(mode([], { ACCESSIBLE: '0' }).isSpoken, false);
  assert.throws(() => mode(['--say', 'never']), /--say is one of now, idle, on-enter/);
});

test('the ancestor’s commands work in a chat with `always`, and no other word is taken', () => {
  assert.deepEqual([mode([]).isLegacy, mode(['--legacy-commands', 'always']).isLegacy], [false, true]);
  assert.throws(() => mode(['--legacy-commands', 'foo']), /--legacy-commands is always, not foo/);
  assert.throws(() => mode([], { PARLEY_LEGACY_COMMANDS: 'never' }), /--legacy-commands is always, not never/);
});
