import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { ROOT } from '../repository.ts';

/** Notes what it is asked, waits as long as SLOW_NPM says, then installs what stands ready in the folder `installed`. */
const NPM = `
const fs = require('node:fs');
fs.appendFileSync('npm.log', process.argv.slice(2).join(' ') + '\\n');
process.stdout.write('npm speaks\\n');
setTimeout(() => {
  fs.rmSync('node_modules', { recursive: true, force: true });
  fs.cpSync('installed', 'node_modules', { recursive: true, verbatimSymlinks: true });
  process.exitCode = Number(process.env.NPM_EXIT ?? 0);
}, Number(process.env.SLOW_NPM ?? 0));
`;
/** Makes npm's Node.js look too old to run Parley. */
const OLD_NODE = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } });`;

/** A clone that holds ready.cjs, a lock file that names two packages, and an npm that only pretends. */
export class FakeClone {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'parley-clone-'));

  constructor(t: TestContext) {
    t.after(() => rmSync(this.folder, { recursive: true, force: true }));
    cpSync(path.join(ROOT, 'tools/ready.cjs'), this.path('tools/ready.cjs'));
    cpSync(path.join(ROOT, 'tools/ready'), this.path('tools/ready'), { recursive: true });
    this.write('npm-cli.js', NPM);
    this.write('old-node.cjs', OLD_NODE);
    this.write('package-lock.json', JSON.stringify({ packages: { '': {}, ...lockEntries() } }));
    this.write('installed/.package-lock.json', JSON.stringify({ packages: neededHere() }));
    for (const name of ['needed', 'for-here']) this.write(`installed/${name}/package.json`, '{}');
    this.link(process.execPath, 'installed/.bin/node');
  }

  path(name: string): string {
    return path.join(this.folder, name);
  }

  write(name: string, content: string, mode = 0o644): void {
    mkdirSync(path.dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), content, { mode });
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  link(target: string, name: string): void {
    mkdirSync(path.dirname(this.path(name)), { recursive: true });
    rmSync(this.path(name), { force: true });
    symlinkSync(target, this.path(name));
  }

  /** Does by hand what the pretended npm does. */
  install(): void {
    cpSync(this.path('installed'), this.path('node_modules'), { recursive: true, verbatimSymlinks: true });
  }

  /** Starts ready.cjs as npm does. */
  start(t: TestContext, env: NodeJS.ProcessEnv = {}, ...options: string[]) {
    const child = spawn(process.execPath, [...options, this.path('tools/ready.cjs')], {
      env: { PATH: process.env['PATH'], npm_execpath: this.path('npm-cli.js'), ...env },
    });
    t.after(() => child.kill('SIGKILL'));
    return { child, ended: once(child, 'exit'), stdout: text(child.stdout), stderr: text(child.stderr) };
  }

  /** Runs ready.cjs to its end. */
  async run(t: TestContext, env: NodeJS.ProcessEnv = {}, ...options: string[]) {
    const { ended, stdout, stderr } = this.start(t, env, ...options);
    const [code] = await ended;
    return { code: code as number, stdout: await stdout, stderr: await stderr };
  }
}

function neededHere() {
  const here = { version: '1.0.0', optional: true, os: [process.platform], cpu: process.arch };
  return { 'node_modules/needed': { version: '2.0.0', integrity: 'sha512-x' }, 'node_modules/for-here': here };
}

function lockEntries() {
  return {
    ...neededHere(),
    'node_modules/elsewhere': { version: '1.0.0', optional: true, os: ['sunos'], cpu: ['mips'] },
    'node_modules/not-here': { version: '1.0.0', optional: true, os: [`!${process.platform}`], cpu: [process.arch] },
    'node_modules/of-elsewhere': { version: '1.0.0', optional: true },
  };
}
