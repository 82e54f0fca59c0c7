import assert from 'node:assert/strict';
import test from 'node:test';
import { COMMANDS } from '../../src/plain/commands.ts';
import { findSlashCommand, SLASH_COMMANDS } from '../../src/plain/slash-commands.ts';

test('every command of the table does something, and no word means two', () => {
  assert.deepEqual(SLASH_COMMANDS.map(({ name }) => name).toSorted(), Object.keys(COMMANDS).toSorted());
  const words = SLASH_COMMANDS.flatMap(({ name, aliases }) => [name, ...aliases]);
  assert.equal(new Set(words).size, words.length);
});

test('[CLI-4] a unique beginning means a harmless command, never one that sends or leaves', () => {
  assert.equal(findSlashCommand('hi')?.name, 'history');
  assert.equal(findSlashCommand('gr')?.name, 'group');
  assert.equal(findSlashCommand('q')?.name, 'quit');
  for (const word of ['h', 'lo', 'logou', 'qu', 'ms', '', 'toString'])
    assert.equal(findSlashCommand(word), undefined, word);
});
