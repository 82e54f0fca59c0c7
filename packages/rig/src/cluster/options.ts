import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Flavour } from '../start-mysql.ts';

/** What `npm run cluster` is to do. */
export interface ClusterCommand {
  readonly verb: 'run' | 'detach' | 'stop' | 'help';
  readonly nodes: number;
  readonly flavour: Flavour;
  /** Removes the data of an earlier run first. */
  readonly fresh: boolean;
  readonly folder: string;
}

const MOST_NODES = 32;

export const HELP = `npm run cluster -- [options]      a whole private cluster on this machine, until Ctrl-C
npm run cluster -- stop           ends one that was started with --detach

  --nodes N          servers (2)
  --store NAME       mysql or mariadb (mysql)
  --detach           leaves it running in the background
  --fresh            begins with no data
  --folder FOLDER    where everything is kept (./data/cluster)
`;

/** @throws Error with one sentence when the command line is wrong */
export function readCommand(argv: readonly string[]): ClusterCommand {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      nodes: { type: 'string', default: '2' },
      store: { type: 'string', default: 'mysql' },
      detach: { type: 'boolean', default: false },
      fresh: { type: 'boolean', default: false },
      folder: { type: 'string', default: './data/cluster' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  return {
    verb: values.help ? 'help' : verbOf(positionals, values.detach),
    nodes: countOf(values.nodes),
    flavour: flavourOf(values.store),
    fresh: values.fresh,
    folder: path.resolve(values.folder),
  };
}

function verbOf(positionals: readonly string[], detach: boolean): ClusterCommand['verb'] {
  const [word, ...more] = positionals;
  if (word === undefined) return detach ? 'detach' : 'run';
  if (word === 'stop' && more.length === 0) return 'stop';
  throw new Error(`'${positionals.join(' ')}' is no command; there is only: stop`);
}

function countOf(text: string): number {
  const count = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= MOST_NODES) return count;
  throw new Error(`--nodes must be a number from 1 to ${MOST_NODES}, not '${text}'`);
}

function flavourOf(text: string): Flavour {
  if (text === 'mysql' || text === 'mariadb') return text;
  throw new Error(`--store must be mysql or mariadb, not '${text}'`);
}
