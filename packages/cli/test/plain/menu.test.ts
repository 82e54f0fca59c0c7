import assert from 'node:assert/strict';
import test from 'node:test';
import { type ChatClient, ClientError } from '@parley/client';
import { runMenu } from '../../src/plain/menu.ts';

interface Run {
  readonly result: string;
  readonly printed: string[];
  readonly asked: string[];
}

/** Runs the menu with answers, against a client that takes the password `right`. */
async function run(answers: readonly (string | undefined)[], isTerminal = true): Promise<Run> {
  const [left, printed, asked] = [[...answers], [] as string[], [] as string[]];
  const enter = async ({ password }: { password: string }): Promise<object> => {
    if (password !== 'right') throw new ClientError({ kind: 'refused', code: 'bad_credentials', message: 'Wrong.' });
    return await Promise.resolve({ user: { id: 1, name: 'alice' }, device: 1, token: 't' });
  };
  const client = { login: enter, register: enter, close: async () => await Promise.resolve() } as unknown as ChatClient;
  const view = {
    isTerminal,
    print: (text: string) => printed.push(text),
    ask: async (question: string, isSecret?: boolean) => {
      asked.push(isSecret === true ? `(${question})` : question);
      return await Promise.resolve(left.shift());
    },
  };
  const steps = { open: async () => await Promise.resolve(client), prepare: () => {}, device: 'test' };
  const result = await runMenu(view, steps);
  return { result: typeof result === 'string' ? result : result.reply.user.name, printed, asked };
}

test('the ancestor’s menu takes numbers and words', async () => {
  for (const answer of ['3', 'quit', 'QUIT ']) assert.equal((await run([answer])).result, 'quit');
  assert.equal((await run([undefined])).result, 'end');
  assert.equal((await run(['1', 'alice', 'right'])).result, 'alice');
  assert.equal((await run(['login', 'alice', 'right'])).result, 'alice');
  assert.equal((await run(['register', 'alice', 'right', 'right'])).result, 'alice');
  assert.equal((await run(['2', 'alice', 'right'], false)).result, 'alice');
});

test('a failure is told and leads back to the menu', async () => {
  const { result, printed } = await run(['1', 'alice', 'wrong', 'nonsense', '2', 'alice', 'right', 'other', '3']);
  assert.equal(result, 'quit');
  assert.deepEqual(
    printed.filter((line) => !line.startsWith('1 login')),
    ['Wrong.', 'The two passwords differ.'],
  );
});

test('[AUTH-3] passwords are asked for in secret', async () => {
  const { asked } = await run(['2', 'alice', 'right', 'right']);
  assert.deepEqual(asked, ['> ', 'Name: ', '(Password: )', '(Again: )']);
});
