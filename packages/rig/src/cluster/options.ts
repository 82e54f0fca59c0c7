import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Flavour } from '../start-mysql.ts';
import { HEALTH_ABOVE } from './start-node.ts';

/** What `npm run cluster` is to do. */
export interface ClusterCommand {
  readonly verb: 'run' | 'detach' | 'stop' | 'help';
  readonly nodes: number;
  readonly flavour: Flavour;
  /** Removes the data of an earlier run first. */
  readonly fresh: boolean;
  readonly folder: string;
  /** nginx's. */
  readonly port: number;
  /** The first node's; it takes the next one as well, and so on. */
  readonly nodePort: number;
  /** Another program than our server. */
  readonly program?: string;
}

const MOST_NODES = 32;
const LAST_PORT = 65_535;

/** Of who names none. */
export const DEFAULT_FOLDER = './data/cluster';

export const HELP = `npm run cluster -- [options]      a whole private cluster on this machine, until Ctrl-C
npm run cluster -- stop           ends one that was started with --detach

  --nodes N          servers (2)
  --store NAME       mysql or mariadb (mysql)
  --detach           leaves it running in the background
  --fresh            begins with no data
  --folder FOLDER    where everything is kept (${DEFAULT_FOLDER})
  --port PORT        where clients connect (8000)
  --node-port PORT   of the first server (6000); each takes two
  --program FILE     what to run as a server, for trials
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
      folder: { type: 'string', default: DEFAULT_FOLDER },
      port: { type: 'string', default: '8000' },
      'node-port': { type: 'string', default: '6000' },
      program: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  return {
    verb: values.help ? 'help' : verbOf(positionals, values.detach),
    nodes: numberOf('nodes', values.nodes, MOST_NODES),
    flavour: flavourOf(values.store),
    fresh: values.fresh,
    folder: path.resolve(values.folder),
    port: numberOf('port', values.port, LAST_PORT),
    nodePort: numberOf('node-port', values['node-port'], LAST_PORT - 2 * MOST_NODES - HEALTH_ABOVE),
    ...(values.program === undefined ? {} : { program: values.program }),
  };
}

function verbOf(positionals: readonly string[], detach: boolean): ClusterCommand['verb'] {
  const [word, ...more] = positionals;
  if (word === undefined) return detach ? 'detach' : 'run';
  if (word === 'stop' && more.length === 0) return 'stop';
  throw new Error(`'${positionals.join(' ')}' is no command; there is only: stop`);
}

function numberOf(name: string, text: string, most: number): number {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= most) return number;
  throw new Error(`--${name} must be a number from 1 to ${most}, not '${text}'`);
}

function flavourOf(text: string): Flavour {
  if (text === 'mysql' || text === 'mariadb') return text;
  throw new Error(`--store must be mysql or mariadb, not '${text}'`);
}
