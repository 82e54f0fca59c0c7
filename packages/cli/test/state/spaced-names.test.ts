import assert from 'node:assert/strict';
import test from 'node:test';
import { firstName, namesIn, quotedName, unquoted } from '../../src/state/spaced-names.ts';

const SPACED = ['#my team', '#my team two', '@Ann Lee', 'Ann Lee'];

test('a name with blanks is read whole when it is known or stands in quotes, and is no other’s beginning', () => {
  for (const [text, name, rest] of [
    ['#lunch hi  all', '#lunch', 'hi  all'],
    ['#my team hi all', '#my team', 'hi all'],
    ['#My TEAM', '#My TEAM', ''],
    ['#my team two hi', '#my team two', 'hi'],
    ['#my teams hi', '#my', 'teams hi'],
    ['"#new team" hi "all"', '#new team', 'hi "all"'],
    ['"open', '"open', ''],
    ['', '', ''],
  ] as const) {
    assert.deepEqual(firstName(text, SPACED), { name, rest }, text);
  }
  assert.deepEqual(namesIn(' bob ann lee  "Al B" carol ', SPACED), ['bob', 'ann lee', 'Al B', 'carol']);
  assert.equal(firstName(`${quotedName('#new team')} hi`, []).name, '#new team');
  assert.deepEqual(['bob', 'a "b" c'].map(quotedName), ['bob', 'a "b" c']);
});

test('a text that is one name is that name, in quotes or not', () => {
  assert.deepEqual(['"#big crew"', ' #big crew ', '"open', '"a" "b"'].map(unquoted), [
    '#big crew',
    '#big crew',
    '"open',
    '"a" "b"',
  ]);
});
