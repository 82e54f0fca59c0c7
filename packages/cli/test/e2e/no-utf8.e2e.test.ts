import assert from 'node:assert/strict';
import test from 'node:test';
import { startOnTerminal } from './terminal.ts';
import { objects, World } from './world.ts';

const NOT_ASCII = /[^\p{ASCII}]/u;
const ESCAPE = /\p{Cc}\[/u;

test('C65: on a terminal without UTF-8 line mode shows ASCII alone, and refuses what is typed in another encoding', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  await world.run(['-p', 'bob', 'send', '@alice', 'Łódź … 漢字']);
  const env = { LC_ALL: 'uk_UA.KOI8-U' };
  const terminal = await startOnTerminal(world, ['-p', 'alice', '@bob'], { env });
  if (terminal === undefined) return t.skip('there is no way to make a terminal');
  await terminal.shows('only ASCII is shown (LC_ALL=uk_UA.KOI8-U)');
  await terminal.shows('bob: Lodz ... ??');
  await terminal.shows('@bob> ');
  const { stdin } = terminal.running.child;
  stdin.write(Buffer.from([0xf0, 0xd2, 0xc9]));
  await terminal.shows('does not send UTF-8');
  stdin.write('\r');
  await terminal.shows('Enter again');
  stdin.write('hi');
  await terminal.shows('@bob> hi');
  stdin.write('\r');
  await terminal.shows('you: hi (sent)');
  stdin.write('\u0004');
  assert.deepEqual(await terminal.end(), { exit: 0, after: terminal.before });
  assert.doesNotMatch(terminal.running.stdout(), NOT_ASCII);
  const { stdout } = await world.run(['-p', 'bob', 'history', '@alice', '--json'], { env });
  assert.deepEqual(
    objects(stdout).map((object) => object['text']),
    ['Łódź … 漢字', 'hi'],
  );
});

test('C65: verbs do the same, but for JSON; on a terminal of which nothing is known nothing is written over', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  await world.run(['-p', 'bob', 'send', '@alice', 'Łódź']);
  const shown = async (...args: string[]): Promise<string | undefined> => {
    const terminal = await startOnTerminal(world, ['-p', 'alice', ...args], { env: { LC_ALL: 'C' } });
    await terminal?.end();
    return terminal?.running.stdout();
  };
  const text = await shown('history', '@bob');
  if (text === undefined) return t.skip('there is no way to make a terminal');
  assert.match(text, /bob: Lodz/);
  assert.match((await shown('history', '@bob', '--json')) ?? '', /"text":"Łódź"/);
  for (const TERM of ['dumb', undefined]) {
    const terminal = await startOnTerminal(world, ['-p', 'alice', '@bob'], { env: { TERM, LC_ALL: 'C' } });
    await terminal?.shows('bob: Lodz');
    await terminal?.shows('@bob> ');
    terminal?.running.child.stdin.write('/quit\n');
    assert.deepEqual(await terminal?.end(), { exit: 0, after: terminal?.before });
    assert.doesNotMatch(terminal?.running.stdout() ?? '', ESCAPE);
  }
});
