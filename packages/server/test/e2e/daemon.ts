import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

const MAIN = path.join(import.meta.dirname, '../../src/main.ts');
const DEADLINE_MS = 20_000;

/** How a server is started. */
export interface StartOptions {
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What it runs under: a program and its arguments, which ends by becoming the server. */
  readonly under?: readonly string[];
  /** Files that it may have open. */
  readonly descriptors?: number;
}

/** A parleyd of its own process. */
export class Daemon {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  readonly #exited: Promise<number | string>;

  constructor(t: TestContext, { argv = [], env = {}, under = [], descriptors }: StartOptions) {
    const { NODE_OPTIONS: _, ...inherited } = process.env;
    const limit = descriptors === undefined ? '' : `ulimit -n ${descriptors};`;
    const command = [...under, process.execPath, '--conditions=@parley/source', MAIN, ...argv];
    this.child = spawn('/bin/sh', ['-c', `${limit} exec "$@"`, 'sh', ...command], {
      env: { ...inherited, PARLEY_LISTEN: '127.0.0.1:0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text) => (this.stdout += text));
    this.child.stderr?.setEncoding('utf8').on('data', (text) => (this.stderr += text));
    this.#exited = once(this.child, 'close').then(([code, signal]) => code ?? signal);
    t.after(() => this.child.kill('SIGKILL'));
  }

  async ready(): Promise<void> {
    await this.#until(() => this.stdout.includes('Ctrl-C'));
  }

  /** The port of the start message. */
  get port(): number {
    return Number(/ready on \S+:(\d+)/.exec(this.stdout)?.[1]);
  }

  get httpPort(): number {
    return Number(/health +http:\/\/\S+:(\d+)\//.exec(this.stdout)?.[1]);
  }

  /** Exit code, or the signal that ended it. */
  async exit(): Promise<number | string> {
    const late = sleep(DEADLINE_MS, 'still running', { ref: false });
    return Promise.race([this.#exited, late]);
  }

  async logged(text: string): Promise<void> {
    await this.#until(() => this.stderr.includes(text));
  }

  async #until(isTrue: () => boolean): Promise<void> {
    await until(() => {
      assert.equal(this.child.exitCode, null, `it ended: ${this.stderr}`);
      return isTrue();
    });
  }
}

/** Waits until something holds. */
export async function until(isTrue: () => boolean): Promise<void> {
  const endMs = performance.now() + DEADLINE_MS;
  while (!isTrue()) {
    assert.ok(performance.now() < endMs, `not in time: ${String(isTrue)}`);
    await sleep(10);
  }
}

/** A folder that is gone when the test ends. */
export function temporary(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-run-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The environment for data in a folder. */
export function inFolder(folder: string): Record<string, string> {
  return { PARLEY_STORE: `sqlite:${path.join(folder, 'parley.db')}` };
}

/** Starts what must not start: its exit code and its one sentence. */
export async function refusal(
  t: TestContext,
  options: StartOptions,
): Promise<{ code: number | string; sentence: string }> {
  const daemon = new Daemon(t, options);
  const code = await daemon.exit();
  assert.equal(daemon.stdout, '', 'nothing is announced');
  const lines = daemon.stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
  assert.equal(lines.length, 1, daemon.stderr);
  return { code, sentence: lines[0] ?? '' };
}
