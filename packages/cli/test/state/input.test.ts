import assert from 'node:assert/strict';
import test from 'node:test';
import { readInput } from '../../src/state/input.ts';

test('[CLI-4] nothing that starts like a command is text, whatever stands before it', () => {
  const lines = [
    '/login ann',
    ' /login ann',
    '\u00a0/passwd',
    '\t/passwrod x',
    '／help',
    '\u200b/help',
    '\u2060 \ufeff/quit',
    '/home/me/file',
    '∕x',
    '/',
    '\u3000／login',
  ];
  for (const line of lines) assert.equal(readInput(line, true).kind, 'command', JSON.stringify(line));
});

test('[CLI-4] two slashes send a text that begins with one', () => {
  assert.deepEqual(readInput('//home/me', true), { kind: 'text', text: '/home/me' });
  assert.deepEqual(readInput('  //x', true), { kind: 'text', text: '/x' });
});

test('a command has a word and a rest, spaces inside kept', () => {
  assert.deepEqual(readInput(' /msg @bob hi  there ', true), { kind: 'command', word: 'msg', rest: '@bob hi  there' });
  assert.deepEqual(readInput('/next', false), { kind: 'command', word: 'next', rest: '' });
});

test('text in a chat is sent as typed; an empty line is nothing', () => {
  assert.deepEqual(readInput('  indented ', true), { kind: 'text', text: '  indented ' });
  for (const line of ['', '   ', '\u200b']) assert.equal(readInput(line, true).kind, 'nothing');
});

test('the ancestor’s seven commands work while no chat is open', () => {
  const command = (line: string): string => {
    const input = readInput(line, false);
    return input.kind === 'command' ? `/${input.word} ${input.rest}`.trimEnd() : input.kind;
  };
  assert.equal(command('help'), '/help');
  assert.equal(command('chat:42:hi: there'), '/msg @42 hi: there');
  assert.equal(command('chat:bob:hi'), '/msg @bob hi');
  assert.equal(command('addfriend:7'), '/friend add 7');
  assert.equal(command('creategroup:crew:we: sail'), '/group new crew -- we: sail');
  assert.equal(command('addgroup:3'), '/group join #3');
  assert.equal(command('groupchat:3:hello'), '/msg #3 hello');
  assert.equal(command('logout'), '/logout');
  for (const line of ['chat:42', 'chat::x', 'addfriend:', 'groupchat:1', 'help:me'])
    assert.equal(command(line), 'malformed', line);
  for (const line of ['hello', 'chatter:1:2', 'toString', 'constructor:1'])
    assert.equal(command(line), 'homeless', line);
});

test('with `isLegacy` they are commands in a chat as well, but for what lacks something', () => {
  assert.equal(readInput('chat:42:hi', true, true).kind, 'command');
  for (const text of ['chat:', 'hello', 'help me'])
    assert.deepEqual(readInput(text, true, true), { kind: 'text', text });
});

test('in a chat the ancestor’s commands are words', () => {
  for (const text of ['help', 'logout', 'chat:42:hi']) assert.deepEqual(readInput(text, true), { kind: 'text', text });
});
