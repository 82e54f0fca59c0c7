import type { Target } from './child.ts';
import type { BenchOptions } from './options.ts';
import { formatNumber } from './output.ts';
import { startParleyChild } from './parley-child.ts';
import type { Report } from './report.ts';
import { FULL_WORLD, type WorldSize } from './world/world.ts';
import { copyWorld } from './world/world-cache.ts';

/** What every bench is given. */
export class BenchContext {
  readonly options: BenchOptions;
  readonly report: Report;
  readonly size: WorldSize;

  constructor(options: BenchOptions, report: Report) {
    this.options = options;
    this.report = report;
    const perConversation = Math.floor(options.messages / FULL_WORLD.conversations);
    this.size = { ...FULL_WORLD, messages: perConversation * FULL_WORLD.conversations };
  }

  /** What Parley's figures were measured on, for titles. */
  get world(): string {
    return `${formatNumber(this.size.messages)} messages in ${formatNumber(this.size.conversations)} conversations`;
  }

  /** Starts a server on its own copy of the filled database; `env` are settings beyond the bench's own. */
  async startParley(env: Readonly<Record<string, string>> = {}): Promise<Target> {
    const world = await copyWorld(this.size);
    try {
      const server = await startParleyChild({ database: world.database, env, profile: this.options.profile });
      return {
        port: server.port,
        pid: server.pid,
        [Symbol.asyncDispose]: async () => {
          await server[Symbol.asyncDispose]();
          world[Symbol.dispose]();
        },
      };
    } catch (error) {
      world[Symbol.dispose]();
      throw error;
    }
  }
}
