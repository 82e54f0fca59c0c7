import { type NodeOptions, NodeProcess } from '@parley/rig';
import type { NodeClock } from './node-clock.ts';
import type { FaultyNode, FaultyPath } from './system.ts';

/** So much of its log is quoted. */
const LAST_WORDS = 1_500;

/** How a node is started, and its ways out. */
export interface ProcessNodeOptions {
  readonly name: string;
  readonly options: NodeOptions;
  readonly clock: NodeClock;
  readonly storePath?: FaultyPath;
  readonly busPath?: FaultyPath;
}

/** A node in a process of its own. */
export class ProcessNode implements FaultyNode, AsyncDisposable {
  readonly name: string;
  readonly storePath: FaultyPath | undefined;
  readonly busPath: FaultyPath | undefined;
  readonly #clock: NodeClock;
  /** How it ended when nobody had asked for that. */
  readonly mishaps: string[] = [];
  #node: NodeProcess;
  #isAsked = false;

  private constructor(node: NodeProcess, { name, clock, storePath, busPath }: ProcessNodeOptions) {
    this.#node = node;
    this.#clock = clock;
    this.name = name;
    this.storePath = storePath;
    this.busPath = busPath;
    this.#watch();
  }

  static async start(how: ProcessNodeOptions): Promise<ProcessNode> {
    const { options, clock } = how;
    const env = { ...options.env, ...clock.env };
    const nodeOptions = [...(options.nodeOptions ?? []), ...clock.nodeOptions];
    return new ProcessNode(await NodeProcess.start({ ...options, env, nodeOptions }), how);
  }

  get port(): number {
    return this.#node.port;
  }

  get pid(): number {
    return this.#node.pid;
  }

  get isRunning(): boolean {
    return this.#node.isRunning;
  }

  async kill(): Promise<void> {
    this.#isAsked = true;
    await this.#node.end('SIGKILL');
  }

  freeze(): void {
    this.#node.signal('SIGSTOP');
  }

  thaw(): void {
    if (this.isRunning) this.#node.signal('SIGCONT');
  }

  async drain(): Promise<number | null> {
    this.#isAsked = true;
    return this.#node.end('SIGTERM');
  }

  get lastWords(): string {
    return this.#node.log.trimEnd().slice(-LAST_WORDS);
  }

  async start(): Promise<void> {
    if (this.isRunning) return;
    this.#node = await this.#node.restart();
    this.#watch();
  }

  setClock(aheadMs: number): Promise<void> {
    return this.#clock.set(aheadMs);
  }

  #watch(): void {
    this.#isAsked = false;
    const node = this.#node;
    node.onEnd(() => {
      if (this.#isAsked) return;
      this.mishaps.push(`${this.name} ended by itself with ${node.exitCode}: ${this.lastWords}`);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.thaw();
    await this.drain();
  }
}
