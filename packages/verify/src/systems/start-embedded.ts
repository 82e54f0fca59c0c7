import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { freePort } from '@parley/rig';
import { Leftovers } from './leftovers.ts';
import { NodeClock } from './node-clock.ts';
import { ProcessNode } from './process-node.ts';
import { readSqlite } from './read-sqlite.ts';
import { SERVER, SERVER_ENV } from './server.ts';
import { mountOrSay } from './small-disk.ts';
import type { System } from './system.ts';

/** What an embedded system needs. */
export interface EmbeddedOptions {
  readonly folder: string;
  /** It must be possible to fill its disk: then its data lie in memory, in at most so many megabytes. */
  readonly diskMegabytes?: number;
  /** Beside our own settings. */
  readonly env?: Readonly<Record<string, string>>;
  readonly leftovers?: Leftovers;
}

/** One node with the embedded store. */
export async function startEmbedded(options: EmbeddedOptions): Promise<System> {
  const { folder, diskMegabytes, env = {}, leftovers = new Leftovers() } = options;
  await using opened = new AsyncDisposableStack();
  const data = path.join(folder, 'node');
  await mkdir(data, { recursive: true });
  const disk = diskMegabytes === undefined ? 'its data lie on a real disk' : await mountOrSay(data, diskMegabytes);
  if (typeof disk !== 'string') opened.use(leftovers.place(data, `umount ${data}`));
  if (typeof disk !== 'string') opened.use(disk);
  // Told which port, and not any free one: it must come back where it was.
  const start = { program: SERVER, folder: data, port: await freePort(), env: { ...SERVER_ENV, ...env } };
  const node = opened.use(await ProcessNode.start({ name: 'node1', options: start, clock: new NodeClock(folder) }));
  leftovers.process(node);
  const stack = opened.move();
  return {
    store: 'sqlite',
    endpoints: [node],
    asked: [node],
    nodes: [node],
    database: undefined,
    redis: undefined,
    nginx: undefined,
    disk,
    heal: async () => {
      if (typeof disk !== 'string') await disk.empty();
      await node.setClock(0);
      node.thaw();
      await node.start();
    },
    isOurs: true,
    readDatabase: (sink, only) => readSqlite(path.join(data, 'parley.db'), sink, only),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
