import assert from 'node:assert/strict';
import test from 'node:test';
import { VERBS } from '../../src/command-table.ts';
import { hollowHistory } from './hollow-history.ts';
import { LINE_TYPES } from './line-schema.ts';
import { objects, type RunOptions, World } from './world.ts';

/** Verbs that print text in a format of their own, whatever is asked. */
const TEXTS = new Set(['help', 'man', 'completion']);

/** Runs the program with --json and notes what it printed. */
class Recorder {
  readonly types = new Set<string>();
  readonly verbs = new Set<string>();
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  async run(who: string, args: readonly string[], options: RunOptions = {}): Promise<Record<string, unknown>[]> {
    this.verbs.add(args[0] ?? '');
    const ran = await this.#world.run(['-p', who, ...args, '--json'], options);
    const lines = [...objects(ran.stdout), ...objects(ran.stderr)];
    for (const { type } of lines) this.types.add(String(type));
    return lines;
  }
}

test('[CLI-2] every line of every verb with --json is as docs/cli-lines.schema.json says, and each type is seen', async (t) => {
  const world = await World.open(t);
  const recorder = new Recorder(world);
  const as = async (who: string, ...args: string[]) => await recorder.run(who, args);
  const password = { stdin: 'a long password\n' };
  for (const name of ['alice', 'bob', 'carol'])
    await recorder.run(name, ['register', name, '--password-stdin'], password);
  await as('alice', '--version');
  await as('alice', 'whoami');
  await as('alice', 'friends', 'add', 'bob');
  await as('bob', 'friends');
  await as('alice', 'group', 'new', 'crew', 'who', 'sails');
  await as('bob', 'group', 'join', '#crew');
  await as('carol', 'group', 'join', '#crew');
  await as('alice', 'group', 'role', '#crew', 'bob', 'admin');
  await as('alice', 'group', 'kick', '#crew', 'carol');
  await as('alice', 'group', 'members', '#crew');
  await as('alice', 'group');
  await as('alice', 'send', '@bob', 'hello @bob');
  await as('alice', 'send', '@bob', 'nothing', '--dry-run');
  await as('alice', 'send', '@nobody', 'x');
  await as('bob', 'ls');
  await as('bob', 'unread');
  await as('bob', 'unread', '--total');
  await as('bob', 'read', '@alice');
  await as('bob', 'history', '#crew');
  await as('bob', 'tail');
  await as('bob', 'export', '#crew');
  await recorder.run('bob', ['rpc'], { stdin: '{"op":"members","group":"#crew","ref":1}\n' });
  await recorder.run('bob', ['script'], { stdin: 'help\nchat:alice:ahoy\n/goto #crew\n' });
  await as('carol', 'tail', '#crew');
  await as('bob', 'group', 'leave', '#crew');
  await as('alice', 'history', '#crew');
  await as('alice', 'config', 'set', 'timeout', '9s');
  await as('alice', 'config');
  await as('alice', 'config', 'path');
  await as('alice', 'doctor');
  await as('alice', 'devices');
  await as('alice', 'verify', '--history', hollowHistory(world.folder));
  await world.killServer();
  for (const id of ['q1', 'q2']) await as('alice', 'send', '@bob', id, '--id', id, '--queue', '--timeout', '300ms');
  await as('alice', 'outbox');
  await as('alice', 'outbox', 'drop', 'q1');
  await world.startServer();
  await as('alice', 'flush');
  await as('carol', 'login', 'carol');
  await recorder.run('carol', ['login', 'carol', '--password-stdin'], password);
  await as('carol', 'logout');
  for (const { name } of VERBS) assert.ok(TEXTS.has(name) || recorder.verbs.has(name), `${name} was not run`);
  const unseen = LINE_TYPES.filter((type) => !recorder.types.has(type));
  assert.deepEqual(unseen, ['gap'], 'all but gaps, which verbs.e2e sees');
});
