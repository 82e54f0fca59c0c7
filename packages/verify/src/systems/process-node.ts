import { type NodeOptions, NodeProcess } from '@parley/rig';
import type { NodeClock } from './node-clock.ts';
import type { FaultyNode, FaultyPath } from './system.ts';

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
  #node: NodeProcess;

  private constructor(node: NodeProcess, { name, clock, storePath, busPath }: ProcessNodeOptions) {
    this.#node = node;
    this.#clock = clock;
    this.name = name;
    this.storePath = storePath;
    this.busPath = busPath;
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
    await this.#node.end('SIGKILL');
  }

  freeze(): void {
    this.#node.signal('SIGSTOP');
  }

  thaw(): void {
    if (this.isRunning) this.#node.signal('SIGCONT');
  }

  async drain(): Promise<number | null> {
    return this.#node.end('SIGTERM');
  }

  async start(): Promise<void> {
    if (!this.isRunning) this.#node = await this.#node.restart();
  }

  setClock(aheadMs: number): Promise<void> {
    return this.#clock.set(aheadMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.thaw();
    await this.drain();
  }
}
