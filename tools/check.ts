// `npm run check`: types, format, lint, dead code, and our own rules about the repository. All at once; prints what failed.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { checkBoundaries } from './boundaries.ts';
import { checkDocComments } from './doc-comments.ts';
import { checkErrorDocs } from './error-docs.ts';
import { checkGuarantees } from './guarantees.ts';
import { checkLongFiles } from './long-files.ts';
import { checkMirror } from './mirror.ts';
import { type Check, ROOT, readRepository } from './repository.ts';

const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  'types (tsc)': ['tsc', '-b', '--pretty', 'false'],
  'format (biome; `npm run format` mends it)': ['biome', 'check', '--max-diagnostics=10'],
  'lint (oxlint)': ['oxlint', '--type-aware', '--deny-warnings', '--format=unix'],
  'dead code (knip)': ['knip', '--no-progress', '--no-config-hints'],
};

const CHECKS: Readonly<Record<string, Check>> = {
  'who imports whom (tools/boundaries.ts)': checkBoundaries,
  'tests mirror sources (tools/mirror.ts)': checkMirror,
  'rules and their tests (tools/guarantees.ts)': checkGuarantees,
  'docs/errors.md (tools/error-docs.ts)': checkErrorDocs,
  'long files (tools/long-files.ts)': checkLongFiles,
  'doc comments (tools/doc-comments.ts)': checkDocComments,
};

/** @returns whether all checks passed; what did not is printed */
export async function check(): Promise<boolean> {
  const programs = Object.entries(PROGRAMS).map(async ([name, command]) => report(name, await runProgram(command)));
  const files = readRepository();
  const own = Object.entries(CHECKS).map(([name, run]) => report(name, run(files).join('\n')));
  const passed = [...own, ...(await Promise.all(programs))];
  return passed.every(Boolean);
}

/** @returns what the program said, when it failed; otherwise nothing */
async function runProgram([name, ...args]: readonly string[]): Promise<string> {
  const bin = path.join(ROOT, 'node_modules/.bin');
  // The tools are scripts that look for `node` on the PATH: ours must come first when we were not started by npm.
  const env = { ...process.env, PATH: `${bin}${path.delimiter}${process.env['PATH']}`, NO_COLOR: '1' };
  const child = spawn(path.join(bin, name ?? ''), args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = new Promise<number | string>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? signal ?? 1));
  });
  const [code, stdout, stderr] = await Promise.all([exited, text(child.stdout), text(child.stderr)]);
  return code === 0 ? '' : `${stdout}${stderr}`.trim() || `ended with ${code}`;
}

function report(name: string, findings: string): boolean {
  if (findings === '') return true;
  console.error(`✖ ${name}\n${findings}\n`);
  return false;
}

if (import.meta.main) {
  const passed = await check();
  console.error(passed ? '✔ check: all is well' : '✖ check: see above');
  process.exitCode = passed ? 0 : 1;
}
