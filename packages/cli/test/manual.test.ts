import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { VERBS } from '../src/command-table.ts';
import { completionScript, SHELLS } from '../src/completion.ts';
import { EXIT, EXIT_MEANINGS } from '../src/exit-codes.ts';
import { GLOBAL_FLAGS } from '../src/flags.ts';
import { manPage, markdownManual } from '../src/manual.ts';

test('docs/CLI.md is what the command table says; `parley man --markdown > docs/CLI.md` makes it again', () => {
  const file = readFileSync(new URL('../../../docs/CLI.md', import.meta.url), 'utf8');
  assert.equal(file, markdownManual());
});

test('[CLI-1] the manual page names every verb, flag and exit code, and no line of it is taken for a command', () => {
  const page = manPage('1.2.3');
  const plain = page.replaceAll('\\-', '-').replaceAll('\\e', '\\');
  for (const { name, flags } of VERBS) {
    assert.ok(plain.includes(`.SS ${name}\n`), name);
    for (const flag of flags) assert.ok(plain.includes(`--${flag.name}`), `${name} --${flag.name}`);
  }
  for (const { name } of GLOBAL_FLAGS) assert.ok(plain.includes(`--${name}`), name);
  for (const [name, code] of Object.entries(EXIT)) {
    assert.ok(plain.includes(`.B ${code}\n${EXIT_MEANINGS[name as keyof typeof EXIT]}\n`), name);
  }
  for (const line of page.split('\n')) if (/^[.']/.test(line)) assert.match(line, /^\.(TH|SH|SS|B|TP|PP|br)\b/);
});

test('completion names every verb and flag, and its shell can read it', () => {
  for (const shell of SHELLS) {
    const script = completionScript(shell);
    for (const { name, flags } of VERBS) {
      assert.ok(script.includes(name), `${shell} ${name}`);
      for (const flag of [...flags, ...GLOBAL_FLAGS]) {
        const spelled = shell === 'fish' ? `-l ${flag.name} ` : `--${flag.name}`;
        assert.ok(script.includes(spelled), `${shell} ${name} --${flag.name}`);
      }
    }
    const { error, status, stderr } = spawnSync(shell, ['-n'], { input: script, encoding: 'utf8' });
    if (error === undefined) assert.equal(status, 0, `${shell}: ${stderr}`);
  }
});

test('bash completes verbs, flags of the verb, and names, which it quotes', (t) => {
  const words = (line: string): string[] | undefined => {
    const names = `parley() { printf '%s\\n' '#lunch' '#a b' '@bob' '@b$(x)'; }`;
    const program = `${completionScript('bash')}\n${names}\nCOMP_WORDS=(${line}); COMP_CWORD=$((\${#COMP_WORDS[@]}-1)); _parley; echo "\${COMPREPLY[@]}"`;
    const { error, stdout } = spawnSync('bash', ['-c', program], { encoding: 'utf8' });
    return error === undefined ? stdout.trim().split(' ') : undefined;
  };
  const verbs = words('parley un');
  if (verbs === undefined) {
    t.skip('there is no bash');
    return;
  }
  assert.deepEqual(verbs, ['unread']);
  assert.deepEqual(words('parley -p ann send --qu'), ['--queue', '--quiet']);
  assert.deepEqual(words("parley -p ''"), [''], 'a profile is no verb');
  assert.deepEqual(words('parley send --wait s'), [''], 'nor is a value of the verb’s own flags');
  assert.deepEqual(words('parley tail -f @'), ['@bob', String.raw`@b\$\(x\)`], 'where -f has no value');
  assert.deepEqual(words('parley -p send un'), ['unread'], 'a profile that is called like a verb');
  assert.deepEqual(words('parley group k'), ['kick']);
  assert.deepEqual(words("parley config ''"), ['ls', 'get', 'set', 'unset', 'edit', 'path']);
  assert.deepEqual(words('parley group join @'), ['@bob', String.raw`@b\$\(x\)`], 'behind its first word names');
  assert.deepEqual(words("parley send '#l'"), ['\\#lunch']);
  assert.deepEqual(words("parley tail '\\#a'"), ['\\#a\\', 'b']);
  assert.deepEqual(words("parley send @ 'b'"), ['@bob', String.raw`@b\$\(x\)`]);
  assert.deepEqual(words('parley send @'), ['@bob', String.raw`@b\$\(x\)`]);
  assert.deepEqual(words(`parley send "'@b"`), ['@bob']);
});
