import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MUTANTS } from './mutants.ts';
import { simulate } from './run-main.ts';

/** Scopes in which every course is tried until one shows the mistake. */
const SCOPE_OF: Readonly<Record<string, readonly string[]>> = {
  'acknowledge before commit': ['one message, and an ambiguous commit'],
  'no journal reads': ['one message, and a lost hint'],
  'turn live before meeting the feed': ['one message'],
  'do not check the client id on resend': ['one message, and an ambiguous commit'],
  'treat an ambiguous commit as failed': ['nothing, and a kick whose commit may be ambiguous'],
  'cached membership': ['a chain of two of who is put out, and a kick', '--large'],
  'ignore the tag': ['one message, and an older copy of the store'],
  'let m2 past a refused m1': ['a chain of two, and a freeze'],
  "take a hint's body without its prevTag": ['one message and a hint that lies'],
  'an answer about a membership that is older than what happened since is taken': ['nothing, and a kick with rejoin'],
};

for (const [name, [scope = '', ...options]] of Object.entries(SCOPE_OF)) {
  const mutant = MUTANTS.find((other) => other.name === name);
  assert.ok(mutant, `there is no mistake: ${name}`);
  test(`${mutant.promises} a scope finds: ${name}`, async () => {
    const output = await simulate(['--scopes', '--only', scope, ...options], mutant);
    const rules = mutant.rules.filter((rule) => output.includes(`  ${rule}: `));
    assert.notDeepEqual(rules, [], `no rule of ${mutant.rules.join(', ')} was broken:\n${output}`);
  });
}
