import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { WITH_US } from './with-us.ts';

/** What to run, and where it keeps its data. */
export interface NodeOptions {
  /** The server's program: a file for Node.js. */
  readonly program: string;
  /** Holds its database; made when missing. */
  readonly folder: string;
  /** On 127.0.0.1. 0 or left out: any that is free. */
  readonly port?: number;
  /** Settings as environment variables (PARLEY_…). */
  readonly env?: Readonly<Record<string, string>>;
  /** Options for Node.js itself. */
  readonly nodeOptions?: readonly string[];
  /** A program that runs it in its own place, with arguments: `['strace', '-D', …]`. It must keep the process id. */
  readonly under?: readonly string[];
}

const READY = /is ready on \S+:(\d+)$/m;

/** How long a start or an end may take, in milliseconds. */
const DEADLINE_MS = 30_000;

/** /proc counts memory in pages of this size, in bytes. */
const PAGE_BYTES = 4_096;

/** A real server in a process of its own, to be looked at, killed, and started again on the same port and data. */
export class NodeProcess {
  readonly options: NodeOptions;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #port = 0;
  #stdout = '';
  #stderr = '';

  private constructor(options: NodeOptions) {
    this.options = options;
    this.#child = launch(options);
    this.#ended = once(this.#child, 'close');
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#stdout += text));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
  }

  /**
   * Starts a node and waits until it says that it is ready.
   * @throws Error with what it said, when it ends instead, or is not ready within 30 s
   */
  static async start(options: NodeOptions): Promise<NodeProcess> {
    const node = new NodeProcess(options);
    try {
      await node.#untilReady();
      return node;
    } catch (error) {
      await node.end('SIGKILL');
      throw error;
    }
  }

  get port(): number {
    return this.#port;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What it wrote to standard error: its log. */
  get log(): string {
    return this.#stderr;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** With what it ended; null while it runs, and after a death by signal. */
  get exitCode(): number | null {
    return this.#child.exitCode;
  }

  /** Calls back when it has ended, and all that it wrote is in its log. */
  onEnd(listener: () => void): void {
    this.#child.once('close', listener);
  }

  /** Memory that it has in use, in bytes; undefined where the system does not tell (no /proc). */
  get residentBytes(): number | undefined {
    try {
      return Number(readFileSync(`/proc/${this.pid}/statm`, 'utf8').split(' ')[1]) * PAGE_BYTES;
    } catch {
      return undefined;
    }
  }

  /** Files and sockets that it has open; undefined where the system does not tell. */
  get openDescriptors(): number | undefined {
    try {
      return readdirSync(`/proc/${this.pid}/fd`).length;
    } catch {
      return undefined;
    }
  }

  /** Sends a signal and goes on. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /**
   * Sends a signal and waits for the end; without a signal it only waits. Harmless when it has ended already.
   * @returns the exit code; null after a death by signal
   * @throws Error when it still runs after 30 s
   */
  async end(signal?: NodeJS.Signals): Promise<number | null> {
    if (this.isRunning && signal !== undefined) this.#child.kill(signal);
    await withinDeadline(this.#ended, () => `the node still runs: ${this.#stderr}`);
    return this.#child.exitCode;
  }

  /** Starts another one on the same port and data, when this one has ended. */
  async restart(): Promise<NodeProcess> {
    await this.end();
    return NodeProcess.start({ ...this.options, port: this.#port });
  }

  async #untilReady(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const said = (): string => `${this.#stdout}${this.#stderr}`;
    const look = (): void => {
      const port = READY.exec(this.#stdout)?.[1];
      if (port !== undefined) resolve(Number(port));
    };
    this.#child.stdout?.on('data', look);
    this.#child.once('error', reject);
    this.#child.once('close', () => reject(new Error(`the node did not start: ${said()}`)));
    this.#port = await withinDeadline(promise, () => `the node is not ready: ${said()}`);
    this.#child.stdout?.off('data', look);
  }
}

/**
 * In a process group of its own: Ctrl-C in the terminal is for us, who stop it in order. Should we be killed, the system
 * (Linux) tells it to end.
 */
function launch({ program, folder, port = 0, env, nodeOptions = [], under = [] }: NodeOptions): ChildProcess {
  // What was meant for the process that asks is not meant for a server.
  const { NODE_OPTIONS: _, ...inherited } = process.env;
  const conditions = program.endsWith('.ts') ? ['--conditions=@parley/source'] : [];
  const node = [process.execPath, ...conditions, ...nodeOptions, program, '127.0.0.1', String(port)];
  const [command = '', ...args] = [...WITH_US, ...under, ...node];
  return spawn(command, args, {
    env: { ...inherited, PARLEY_STORE: `sqlite:${path.join(folder, 'parley.db')}`, PARLEY_HTTP: 'off', ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function withinDeadline<T>(work: Promise<T>, complaint: () => string): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(complaint())), DEADLINE_MS);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
