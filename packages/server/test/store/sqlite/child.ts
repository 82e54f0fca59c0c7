import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const CONDITION = '--conditions=@parley/source';

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A fixture in a process of its own. `strace`: arguments under which it runs, with all its threads. */
export class Child {
  readonly process: ChildProcess;
  stdout = '';
  readonly ended: Promise<Ended>;

  constructor(fixture: string, args: readonly string[], strace?: readonly string[]) {
    const file = fileURLToPath(new URL(`fixtures/${fixture}.ts`, import.meta.url));
    const node = [process.execPath, CONDITION, file, ...args];
    const [program = '', ...rest] =
      strace === undefined ? node : ['strace', '-f', '-o', '/dev/null', ...strace, ...node];
    this.process = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
    let stderr = '';
    this.process.stdout?.setEncoding('utf8').on('data', (chunk: string) => (this.stdout += chunk));
    this.process.stderr?.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    const { promise, resolve, reject } = Promise.withResolvers<Ended>();
    this.process.once('error', reject);
    this.process.once('close', (code, signal) => resolve({ code, signal, stdout: this.stdout, stderr }));
    this.ended = promise;
  }
}

/** Whether strace is here and may be used. */
export function canStrace(): boolean {
  return spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;
}
