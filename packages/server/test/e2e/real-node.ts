import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type NodeOptions, NodeProcess } from '../../../rig/src/index.ts';

const PROGRAM = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** A folder that goes with the test. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-e2e-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A server in a process of its own that ends with the test, in whatever life it is then. */
export class RealNode {
  #node: NodeProcess;

  private constructor(node: NodeProcess) {
    this.#node = node;
  }

  /** Its data is in a folder of its own unless one is given. */
  static async start(t: TestContext, options: Partial<NodeOptions> = {}): Promise<RealNode> {
    let real: RealNode | undefined;
    // Hooks run in the order in which they were set: first the end of the node, then that of its folder.
    t.after(() => real?.process.end('SIGKILL'));
    const folder = options.folder ?? path.join(temporaryFolder(t), 'data');
    const env = { PARLEY_LOG_LEVEL: 'warn', ...options.env };
    real = new RealNode(await NodeProcess.start({ program: PROGRAM, ...options, folder, env }));
    return real;
  }

  /** Its life at the moment. */
  get process(): NodeProcess {
    return this.#node;
  }

  get port(): number {
    return this.#node.port;
  }

  get folder(): string {
    return this.#node.options.folder;
  }

  /** Kills it in the middle of whatever it does, and starts it again on what it left. */
  async killAndRestart(): Promise<void> {
    await this.#node.end('SIGKILL');
    this.#node = await this.#node.restart();
  }

  /** Stops it in order; returns the exit code. */
  stop(): Promise<number | null> {
    return this.#node.end('SIGTERM');
  }

  /** After a stop. */
  async startAgain(): Promise<void> {
    this.#node = await this.#node.restart();
  }
}
