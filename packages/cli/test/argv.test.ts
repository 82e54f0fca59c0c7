import assert from 'node:assert/strict';
import test from 'node:test';
import { parseArgv } from '../src/argv.ts';
import { EXIT } from '../src/exit-codes.ts';
import type { Failure } from '../src/failure.ts';

const parse = (...argv: string[]): { verb: string; flags: object; args: readonly string[] } => {
  const { verb, flags, args } = parseArgv(argv);
  return { verb: verb.name, flags: { ...flags }, args };
};

test('global flags stand before or after the verb; the verb has its own', () => {
  assert.deepEqual(parse('-p', 'alice', 'send', '@bob', 'hi', '-f', 'x'), {
    verb: 'send',
    flags: { profile: 'alice', file: 'x' },
    args: ['@bob', 'hi'],
  });
  assert.deepEqual(parse('tail', '-f', '-n', '3', '--json'), {
    verb: 'tail',
    flags: { follow: true, lines: '3', json: true },
    args: [],
  });
});

test('what stands behind -- is text', () => {
  assert.deepEqual(parse('send', '@bob', '--', '--json', '-x').args, ['@bob', '--json', '-x']);
});

test('two words of which the second is a number are host and port, as with the ancestor', () => {
  assert.deepEqual(parse('127.0.0.1', '8000'), { verb: '', flags: { server: '127.0.0.1:8000' }, args: [] });
  assert.deepEqual(parse('::1', '8000').flags, { server: '[::1]:8000' });
  assert.deepEqual(parse('send', '8000').verb, 'send');
});

test('without a verb it is the chat, which may be named', () => {
  assert.equal(parse().verb, '');
  assert.deepEqual(parse('@bob', '-p', 'alice'), { verb: '', flags: { profile: 'alice' }, args: ['@bob'] });
});

test('[CLI-1] what makes no sense is wrong usage, and says what to do', () => {
  for (const argv of [['sned', '@bob'], ['send', '--nonsense'], ['--profile'], ['tail', '-n'], ['send', '--json=1']]) {
    assert.throws(
      () => parseArgv(argv),
      (error: Failure) => error.exit === EXIT.usage && error.message !== '',
      argv.join(' '),
    );
  }
  assert.throws(
    () => parseArgv(['sen']),
    (error: Failure) => error.hint === 'Did you mean send?',
  );
});

test('[CLI-1] what was mistyped is guessed at, and node’s own words are not handed on', () => {
  for (const [argv, message, hint] of [
    [['snd', '@bob'], 'There is no verb snd.', 'Did you mean send?'],
    [['Logout'], 'There is no verb Logout.', 'Did you mean logout?'],
    [['nonsense'], 'There is no verb nonsense.', 'Run: parley help'],
    [
      ['#lunch', 'foo'],
      'Only one chat can be opened: foo is too much.',
      'parley send WHERE TEXT sends without opening the chat; a name with blanks is quoted.',
    ],
    [['127.0.0.1', 'notaport'], 'notaport is no port.', 'parley HOST PORT, or parley --server HOST:PORT'],
    [
      ['send', '@bob', '--jsn'],
      "Unknown option '--jsn'.",
      'Did you mean --json? Words that begin with - go behind --.',
    ],
    [['send', '@bob', '-x'], "Unknown option '-x'.", 'Words that begin with - go behind --.'],
    [['tail', '-n', '-1'], "Option '-n' argument is ambiguous.", undefined],
    [['--server'], "Option '--server <value>' argument missing.", undefined],
  ] as const) {
    assert.throws(() => parseArgv(argv), { message, hint, exit: EXIT.usage }, argv.join(' '));
  }
});

test('[CLI-1] a verb that takes no argument takes none: `logout ann` logs out nobody', () => {
  for (const verb of ['logout', 'whoami', 'ls', 'unread', 'flush', 'rpc', 'doctor', 'man']) {
    assert.throws(() => parseArgv([verb, 'ann']), { exit: EXIT.usage, message: /takes no argument: ann/ }, verb);
  }
});

test('[AUTH-3] no flag takes a password or a token as its value', () => {
  for (const flag of ['--password', '--password=x', '--token', '--token=x']) {
    assert.throws(
      () => parseArgv(['login', 'alice', flag, 'secret']),
      (error: Failure) => error.exit === EXIT.usage,
    );
  }
});
