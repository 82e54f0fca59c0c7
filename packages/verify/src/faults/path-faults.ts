import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultyNode, FaultyPath, System } from '../systems/system.ts';
import { type Fault, type FaultContext, last } from './fault.ts';
import { missingNode, victimOf } from './node-faults.ts';

/** Words pass many times a second under load. */
const MOMENT_MS = 5_000;

/** Between one node and its database or Redis everything is dropped without a word. */
export const partition: Fault = {
  missing: missingPath,
  targets: pathsOf,
  lasts: [2_000, 6_000],
  inject: async (context) => {
    const node = victimOf(context);
    const [what, path] = context.chance.pick(
      [['the database', node.storePath] as const, ['Redis', node.busPath] as const].filter(([, way]) => way),
    );
    context.tell(`${node.name} and ${what} are apart, and neither is told`);
    try {
      path?.hang();
      await last(context);
    } finally {
      path?.heal();
    }
  },
};

/** The connection is cut just before or just after COMMIT was passed on. */
export const cutInCommit: Fault = {
  missing: missingPath,
  targets: pathsOf,
  lasts: [0, 0],
  inject: async (context) => {
    const node = victimOf(context);
    const before = context.chance.happens(0.5);
    context.tell(`${node.name}: connection cut ${before ? 'before' : 'after'} COMMIT was passed on`);
    const done = await atWords(context, storePathOf(node), 'COMMIT', (passing, finish) => {
      if (before) passing.cutBefore();
      else passing.cutAfter();
      finish();
    });
    if (!done) context.tell(`${node.name}: no COMMIT passed to be cut`);
  },
};

/** Stands still while it holds the locks of conversations: after the database granted them, before the node knows. */
export const freezeInTransaction: Fault = {
  missing: missingPath,
  targets: pathsOf,
  // Longer than the database lets an idle transaction hold its locks.
  lasts: [4_000, 8_000],
  inject: async (context) => {
    const node = victimOf(context);
    context.tell(`${node.name} frozen while it holds locks`);
    let letGo = (): void => {};
    try {
      const done = await atWords(context, storePathOf(node), 'FOR UPDATE', (passing, finish) => {
        passing.holdAnswer((release) => {
          node.freeze();
          letGo = release;
          finish();
        });
      });
      if (done) await last(context);
      else context.tell(`${node.name} was not frozen: it asked for no lock`);
    } finally {
      letGo();
      node.thaw();
    }
  },
};

type AtWords = Parameters<FaultyPath['onSent']>[1];

/** Waits for the words and what is done then. @returns false when they did not come in time */
async function atWords(
  { signal }: FaultContext,
  path: FaultyPath,
  ...[words, act]: [string, (passing: Parameters<AtWords>[0], finish: () => void) => void]
): Promise<boolean> {
  const done = new AbortController();
  path.onSent(words, (passing) => act(passing, () => done.abort()));
  await sleep(MOMENT_MS, undefined, { signal: AbortSignal.any([signal, done.signal]) }).catch(() => {});
  path.forget();
  return done.signal.aborted;
}

function missingPath(system: System): string | undefined {
  return missingNode(system) ?? (pathsOf(system).length > 0 ? undefined : 'its store is not behind a connection');
}

function pathsOf({ nodes }: System): string[][] {
  return nodes.filter(({ storePath }) => storePath).map(({ name }) => [name]);
}

function storePathOf({ storePath, name }: FaultyNode): FaultyPath {
  if (storePath === undefined) throw new Error(`${name} has no connection to its store`);
  return storePath;
}
