import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** A real server process on data of its own, to be killed and started again. */
export class NodeProcess {
  readonly port: number;
  readonly #child: ChildProcess;
  #stderr = '';

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr += chunk.toString();
    });
  }

  /** Starts it and waits until it says that it is ready. `port` 0: any free one. */
  static async start(store: string, port = 0): Promise<NodeProcess> {
    const env = { ...process.env, PARLEY_STORE: store, PARLEY_HTTP: 'off', PARLEY_LOG_LEVEL: 'warn' };
    const child = spawn(process.execPath, ['--conditions=@parley/source', MAIN, '127.0.0.1', String(port)], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for await (const chunk of child.stdout) {
      said += String(chunk);
      const ready = /is ready on 127\.0\.0\.1:(\d+)/.exec(said);
      if (ready !== null) return new NodeProcess(child, Number(ready[1]));
    }
    throw new Error(`the server did not start: ${said}${String(child.stderr.read() ?? '')}`);
  }

  /** What it logged. */
  get log(): string {
    return this.#stderr;
  }

  /** Sends a signal and waits for the end; returns the exit code, null after a signal's death. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit');
      this.#child.kill(signal);
      await ended;
    }
    return this.#child.exitCode;
  }
}
