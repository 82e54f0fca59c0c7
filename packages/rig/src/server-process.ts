import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fstatSync, openSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WITH_US } from './with-us.ts';

/** How to run one server, and how to see that it serves. */
export interface ServerRecipe {
  /** For messages: 'MySQL 9.7.4'. */
  readonly name: string;
  readonly command: readonly string[];
  /** Everything that it writes is below; its log is `log` in it. */
  readonly folder: string;
  readonly port: number;
  /** How clients reach it, with user and password if it wants them. */
  readonly url: string;
  /** Its whole environment; left out: ours. */
  readonly env?: NodeJS.ProcessEnv;
  /** Asked again and again after the start, with the process's id and what it has written to its log since. */
  readonly isReady: (pid: number, said: string) => Promise<boolean>;
}

const START_MS = 60_000;
const STOP_MS = 30_000;
const FREEZE_MS = 10_000;
const BETWEEN_LOOKS_MS = 20;
const LOG_TAIL = 2_000;

/** A real server of somebody else's in processes of its own, to be killed, frozen, and started again on the same port and data. */
export class ServerProcess {
  readonly #recipe: ServerRecipe;
  #child: ChildProcess;
  /** How long its log was when it was started. */
  #logBytes = 0;

  private constructor(recipe: ServerRecipe) {
    this.#recipe = recipe;
    this.#child = this.#launch();
  }

  /**
   * Starts a server and waits until it serves.
   * @throws Error with the end of its log, when it ends instead, or does not serve within a minute
   */
  static async start(recipe: ServerRecipe): Promise<ServerProcess> {
    const server = new ServerProcess(recipe);
    await server.#untilReady();
    return server;
  }

  get name(): string {
    return this.#recipe.name;
  }

  get url(): string {
    return this.#recipe.url;
  }

  get port(): number {
    return this.#recipe.port;
  }

  get folder(): string {
    return this.#recipe.folder;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.pid !== 0 && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** With what it ended; null while it runs, and after a death by signal. */
  get exitCode(): number | null {
    return this.#child.exitCode;
  }

  /** Calls back when it ends by itself, or is killed, before it is started again. */
  onEnd(listener: () => void): void {
    this.#child.once('close', listener);
  }

  /**
   * Ends it in its own good way; harmless when it has ended already, or is frozen.
   * @throws Error when it has to be killed because it still runs after 30 s
   */
  async stop(): Promise<void> {
    if (!this.isRunning) return;
    const late = AbortSignal.timeout(STOP_MS);
    const ended = once(this.#child, 'close', { signal: late });
    this.thaw();
    this.signal('SIGTERM'); // only the first of its processes: it tells the others
    try {
      await ended;
    } catch {
      await this.kill();
      throw new Error(`${this.name} did not end and was killed: ${this.#tail()}`);
    }
  }

  /** Ends it and its helpers at once, as a crash would. */
  async kill(): Promise<void> {
    if (!this.isRunning) return;
    const ended = once(this.#child, 'close');
    this.#signalAll('SIGKILL');
    await ended;
  }

  /** Sends a signal to the first of its processes and goes on: SIGHUP makes nginx read its files again. */
  signal(signal: NodeJS.Signals): void {
    if (this.isRunning) this.#child.kill(signal);
  }

  /** Makes it stand still with all its connections open, until `thaw`. */
  freeze(): void {
    this.#signalAll('SIGSTOP');
  }

  /**
   * Resolves when it really stands still: the signal reaches one thread after the other. Linux only.
   * @throws Error when it does not within `ms`, or has ended
   */
  async untilFrozen(ms = FREEZE_MS): Promise<void> {
    const tasks = `/proc/${this.pid}/task`;
    const deadline = performance.now() + ms;
    while (this.isRunning && performance.now() < deadline) {
      if (readdirSync(tasks).every((task) => isStopped(path.join(tasks, task, 'stat')))) return;
      await sleep(1);
    }
    throw new Error(`${this.name} ${this.isRunning ? 'does not stand still' : 'has ended'}`);
  }

  thaw(): void {
    this.#signalAll('SIGCONT');
  }

  /** Starts it again on the same port and data; stops it first if it runs. */
  async restart(): Promise<void> {
    await this.stop();
    this.#child = this.#launch();
    await this.#untilReady();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** To all of its processes: they are a group of their own. */
  #signalAll(signal: NodeJS.Signals): void {
    if (this.isRunning) process.kill(-this.pid, signal);
  }

  async #untilReady(): Promise<void> {
    const failed = once(this.#child, 'error').then(([error]: unknown[]) => error);
    const deadline = Date.now() + START_MS;
    while (this.isRunning && Date.now() < deadline) {
      if (await this.#recipe.isReady(this.pid, this.#said())) return;
      await sleep(BETWEEN_LOOKS_MS);
    }
    const why = this.pid === 0 ? String(await failed) : this.#tail();
    await this.kill();
    throw new Error(`${this.name} did not start on port ${this.port}: ${why}`);
  }

  /**
   * In a process group of its own: Ctrl-C in the terminal is for us, who stop it in order. Should we be killed, the system
   * (Linux) tells it to end.
   */
  #launch(): ChildProcess {
    const { command, folder, env = process.env } = this.#recipe;
    const log = openSync(this.#logFile, 'a', 0o600);
    try {
      this.#logBytes = fstatSync(log).size;
      const [program = '', ...args] = [...WITH_US, ...command];
      const child = spawn(program, args, { cwd: folder, env, detached: true, stdio: ['ignore', log, log] });
      child.on('error', () => {}); // told by #untilReady
      return child;
    } finally {
      closeSync(log);
    }
  }

  get #logFile(): string {
    return path.join(this.#recipe.folder, 'log');
  }

  /** What it has written since it was started. */
  #said(): string {
    return readFileSync(this.#logFile).subarray(this.#logBytes).toString();
  }

  #tail(): string {
    return this.#said().slice(-LOG_TAIL).trim();
  }
}

/** The state stands behind the name, which is in parentheses. A thread that has just ended does nothing either. */
function isStopped(file: string): boolean {
  try {
    const text = readFileSync(file, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).startsWith('T');
  } catch {
    return true;
  }
}
