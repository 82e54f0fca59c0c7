import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A program under test in a process of its own. */
export interface Target extends AsyncDisposable {
  readonly port: number;
  readonly pid: number;
}

/** Disposing of it asks the child to end and waits until it is gone; it is killed after 10 s. */
export function targetOf(child: ChildProcess, port: number): Target {
  return { port, pid: child.pid as number, [Symbol.asyncDispose]: () => stopChild(child) };
}

/** Starts a bare relay. */
export async function startRelayChild(dialect: 'classic' | 'native'): Promise<Target> {
  const program = fileURLToPath(import.meta.resolve('./relay/main.ts'));
  const child = fork(program, [dialect], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message) => resolve((message as { port: number }).port));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the relay ended with ${code} before it listened`)));
  });
  return targetOf(child, port);
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const impatience = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await gone;
  clearTimeout(impatience);
}
