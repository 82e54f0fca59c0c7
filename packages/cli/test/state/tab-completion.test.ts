import assert from 'node:assert/strict';
import test from 'node:test';
import { complete, type Vocabulary } from '../../src/state/tab-completion.ts';

const VOCABULARY: Vocabulary = {
  commands: [
    { name: 'goto', args: ['where'] },
    { name: 'group', args: [['join', 'role'], 'where', ['admin', 'member']] },
    { name: 'msg', args: ['where', 'text'] },
    { name: 'friend', args: [['add', 'block'], 'person'] },
    { name: 'quit', args: [] },
  ],
  people: ['@bob', '@Bonnie', '@mei'],
  groups: ['#lunch', '#lunar'],
  firstWords: ['chat:', 'help'],
};

function tab(typed: string, vocabulary = VOCABULARY): string {
  const caret = typed.indexOf('|');
  const { text, caret: after, choices } = complete({ text: typed.replace('|', ''), caret }, vocabulary);
  return `${text.slice(0, after)}|${text.slice(after)}${choices.length === 0 ? '' : ` (${choices.join(' ')})`}`;
}

for (const [typed, completed] of [
  ['/q|', '/quit |'],
  ['  /q|', '  /quit |'],
  ['/g|', '/g| (/goto /group)'],
  ['/group |', '/group | (join role)'],
  ['/group j|', '/group join |'],
  ['/group join #lunc|', '/group join #lunch |'],
  ['/group role bo|', '/group role @bo|'],
  ['/group role @bob a|', '/group role @bob admin |'],
  ['/goto lu|', '/goto #lun|'],
  ['/goto #lun|', '/goto #lun| (#lunar #lunch)'],
  ['/friend add M|', '/friend add @mei |'],
  ['/friend add #l|', '/friend add #l|'],
  ['/msg @mei lunch with @bob|', '/msg @mei lunch with @bob |'],
  ['/msg @mei bo|', '/msg @mei bo|'],
  ['/quit b|', '/quit b|'],
  ['hello @m|, you', 'hello @mei |, you'],
  ['hello @m| you', 'hello @mei| you'],
  ['hello bo|', 'hello bo|'],
  ['c|', 'chat:|'],
  ['he|', 'help |'],
  ['|', '|'],
  ['/nothing |', '/nothing |'],
] as const) {
  test(`Tab: ${typed} becomes ${completed}`, () => {
    assert.equal(tab(typed), completed);
  });
}

test('names with blanks are completed when more than a word of them is typed', () => {
  const vocabulary = { ...VOCABULARY, people: ['@Ann Lee', '@bob'], groups: ['#room 05 b', '#room 06 b', '#lunch'] };
  for (const [typed, completed] of [
    ['/goto #ro|', '/goto #room 0|'],
    ['/goto #room 0|', '/goto #room 0| (#room 05 b #room 06 b)'],
    ['/goto #Room 05|', '/goto #room 05 b |'],
    ['hello @ann L|', 'hello @Ann Lee |'],
    ['hello @bob L|', 'hello @bob L|'],
  ] as const) {
    assert.equal(tab(typed, vocabulary), completed);
  }
});
