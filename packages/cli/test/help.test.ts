import assert from 'node:assert/strict';
import test from 'node:test';
import { VERBS } from '../src/command-table.ts';
import { GLOBAL_FLAGS } from '../src/flags.ts';
import { programHelp, verbHelp } from '../src/help.ts';

test('help names every verb and every flag of the table, and no flag twice in one verb', () => {
  const program = programHelp();
  for (const { name } of GLOBAL_FLAGS) assert.ok(program.includes(`--${name}`), name);
  for (const verb of VERBS) {
    assert.ok(program.includes(`  ${verb.name} `), verb.name);
    const flags = [...GLOBAL_FLAGS, ...verb.flags];
    for (const { name } of verb.flags) assert.ok(verbHelp(verb).includes(`--${name}`), `${verb.name} --${name}`);
    const words = flags.flatMap(({ name, short }) => [name, ...(short === undefined ? [] : [`-${short}`])]);
    assert.equal(new Set(words).size, words.length, verb.name);
  }
});

test('[CLI-1] help of a verb names its exit codes', () => {
  const send = VERBS.find(({ name }) => name === 'send');
  assert.ok(send !== undefined);
  const help = verbHelp(send);
  for (const code of [0, 2, 3, 4, 5, 6, 7, 69, 78, 130]) assert.match(help, new RegExp(`^ +${code} `, 'm'));
});

test('every verb can be loaded', async () => {
  for (const verb of VERBS) assert.equal(typeof (await verb.load()).run, 'function', verb.name);
});

test('no line of help is wider than 120 columns', () => {
  for (const text of [programHelp(), ...VERBS.map(verbHelp)]) {
    for (const line of text.split('\n')) assert.ok(line.length <= 120, line);
  }
});
