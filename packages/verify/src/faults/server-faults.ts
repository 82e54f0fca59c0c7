import type { FaultyServer, System } from '../systems/system.ts';
import { type Fault, type FaultContext, last, NOT_OURS } from './fault.ts';

type Part = 'database' | 'redis' | 'nginx';

/** Ended with SIGKILL, and after a while started again on the same data (Redis: with none). */
export function killServer(part: Part): Fault {
  return {
    missing: (system) => missingPart(system, part),
    targets: () => [[part]],
    lasts: [300, 3_000],
    inject: async (context) => {
      const server = serverOf(context, part);
      context.tell(`${server.name} killed`);
      try {
        await server.kill();
        await last(context);
      } finally {
        await server.restart();
      }
    },
  };
}

/** Stands still with all its connections open. */
export function freezeServer(part: Part): Fault {
  return {
    missing: (system) => missingPart(system, part),
    targets: () => [[part]],
    lasts: [2_000, 6_000],
    inject: async (context) => {
      const server = serverOf(context, part);
      context.tell(`${server.name} frozen`);
      try {
        server.freeze();
        await last(context);
      } finally {
        server.thaw();
      }
    },
  };
}

function missingPart(system: System, part: Part): string | undefined {
  if (!system.isOurs) return NOT_OURS;
  return system[part] === undefined ? `there is no ${part} here` : undefined;
}

function serverOf({ system }: FaultContext, part: Part): FaultyServer {
  const server = system[part];
  if (server === undefined) throw new Error(`there is no ${part}`);
  return server;
}
