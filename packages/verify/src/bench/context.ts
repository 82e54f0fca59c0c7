import type { Target } from './child.ts';
import type { BenchOptions } from './options.ts';
import { formatNumber } from './output.ts';
import { type ParleyOptions, startParleyChild } from './parley-child.ts';
import { describeProfiles } from './profile.ts';
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

  /** Starts a server on its own copy of the filled database; `how` it differs from the usual one. */
  async startParley(how: Pick<ParleyOptions, 'env' | 'program'> = {}): Promise<Target> {
    const world = await copyWorld(this.size);
    try {
      const server = await startParleyChild({ ...how, database: world.database, profile: this.options.profile });
      return {
        port: server.port,
        pid: server.pid,
        [Symbol.asyncDispose]: async () => {
          await server[Symbol.asyncDispose]();
          world[Symbol.dispose]();
          if (this.options.profile) for (const line of describeProfiles(server.pid, 30)) this.report.note(line);
        },
      };
    } catch (error) {
      world[Symbol.dispose]();
      throw error;
    }
  }
}
