import path from 'node:path';
import { isExecutable } from './debian-package.ts';
import { type Distribution, debianRoot, distribution, type PackageSet, rootCommand } from './debian-root.ts';
import { run } from './run.ts';

/** The servers that a cluster needs. */
export type ServerKind = 'mysql' | 'mariadb' | 'redis' | 'nginx';

/** A program that can be run as it is. */
export interface Program {
  /** What to start, before its own arguments. */
  readonly command: readonly string[];
  /** What stands above its bin or sbin: `/usr`. */
  readonly prefix: string;
  /** '9.7.4' */
  readonly version: string;
  /** All that it tells of itself: how it was built. */
  readonly about: string;
}

interface Wanted {
  /** File names, the preferred one first. */
  readonly names: readonly string[];
  /** The oldest version that we serve with. */
  readonly floor: string;
  /** Makes it tell its version. */
  readonly ask: readonly string[];
  /** Fits what it then says if it is the right thing; both of MySQL and MariaDB are called mysqld. */
  readonly is: RegExp;
  readonly package: string;
  /** In the packages that we unpack. */
  readonly file: string;
}

const WANTED: Readonly<Record<ServerKind, Wanted>> = {
  mysql: {
    names: ['mysqld'],
    floor: '8.0',
    ask: ['--no-defaults', '--version'],
    is: /^(?!.*MariaDB)/s,
    package: 'mysql-server',
    file: 'usr/sbin/mysqld',
  },
  mariadb: {
    names: ['mariadbd', 'mysqld'],
    floor: '10.11',
    ask: ['--no-defaults', '--version'],
    is: /MariaDB/,
    package: 'mariadb-server',
    file: 'usr/sbin/mariadbd',
  },
  redis: {
    names: ['redis-server', 'valkey-server'],
    floor: '7.2',
    ask: ['--version'],
    is: /Redis|Valkey/,
    package: 'redis-server',
    file: 'usr/bin/redis-server',
  },
  nginx: {
    names: ['nginx'],
    floor: '1.24',
    ask: ['-V'],
    is: /--with-stream\b/,
    package: 'nginx',
    file: 'usr/sbin/nginx',
  },
};

/** Programs that Debian does not put on every user's PATH. */
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/**
 * Finds a server's program: on the PATH, if it is new enough; on Debian and Ubuntu else in packages that are fetched once
 * and unpacked into the cache, after saying so.
 *
 * @throws Error with one sentence that says what to do
 */
export async function findProgram(kind: ServerKind, env: NodeJS.ProcessEnv = process.env): Promise<Program> {
  const present = await onPath(kind, [...(env['PATH'] ?? '').split(path.delimiter), ...SYSTEM_FOLDERS]);
  if (typeof present === 'object') return present;
  const system = distribution();
  if (system === undefined) throw new Error(missing(kind, present));
  try {
    return await unpacked(kind, system, env);
  } catch (error) {
    const why = (error instanceof Error ? error.message : String(error)).replaceAll('\n', ' ');
    throw new Error(`${missing(kind, present)}; its package cannot be fetched: ${why}`, { cause: error });
  }
}

function missing(kind: ServerKind, old: string | undefined): string {
  const { names, floor, package: packageName } = WANTED[kind];
  const state = old === undefined ? 'there is none on the PATH' : `the one on the PATH is ${old}`;
  return `${kind} ${floor} or newer is needed, and ${state}: install ${packageName} (${names.join(' or ')})`;
}

async function unpacked(kind: ServerKind, system: Distribution, env: NodeJS.ProcessEnv): Promise<Program> {
  const root = await debianRoot(packageSet(kind, system), system, env);
  const command = rootCommand(root, WANTED[kind].file);
  const about = await describe(command, WANTED[kind]);
  return { command, prefix: path.join(root, 'usr'), version: versionIn(about), about };
}

/**
 * Looks for a server's program in some folders.
 * @returns the program, or the version of one that is too old
 */
export async function onPath(kind: ServerKind, folders: readonly string[]): Promise<Program | string | undefined> {
  const { names, floor, is } = WANTED[kind];
  let old: string | undefined;
  for (const name of names) {
    const file = folders.map((folder) => path.join(folder, name)).find(isExecutable);
    const about = file === undefined ? '' : await describe([file], WANTED[kind]);
    if (file === undefined || !is.test(about)) continue;
    const version = versionIn(about);
    if (isAtLeast(version, floor)) return { command: [file], prefix: path.resolve(file, '../..'), version, about };
    old = version;
  }
  return old;
}

/** @returns what it tells of itself; nothing when it cannot even start */
async function describe(command: readonly string[], { ask }: Wanted): Promise<string> {
  const { code, said } = await run([...command, ...ask]);
  return code === 0 ? said : '';
}

function versionIn(about: string): string {
  return /\b(?:v=|Ver |nginx\/)(\d+(?:\.\d+)+)/.exec(about)?.[1] ?? '0';
}

/** Compares as numbers: 10.11 is newer than 10.5. */
export function isAtLeast(version: string, floor: string): boolean {
  const [have, need] = [version.split('.').map(Number), floor.split('.').map(Number)];
  const different = need.findIndex((part, index) => part !== (have[index] ?? 0));
  return different === -1 || (have[different] ?? 0) > (need[different] ?? 0);
}

/**
 * MySQL, Redis and nginx of the newest release, for the stable ones have no MySQL and may be below our floors. MariaDB is the
 * machine's own release's: it cannot be installed beside MySQL, and the older one is the one worth testing.
 */
function packageSet(kind: ServerKind, { id, codename }: Distribution): PackageSet {
  if (kind === 'mariadb') {
    const saying = `getting MariaDB from ${id} ${codename}, about 40 MB`;
    return { name: 'mariadb', release: codename, packages: ['mariadb-server-core'], saying };
  }
  const release = id === 'debian' ? 'sid' : 'devel';
  return {
    name: 'mysql-redis-nginx',
    release,
    packages: ['^mysql-server-core(-[0-9.]+)?$', 'redis-server', 'nginx', 'libnginx-mod-stream'],
    saying: `getting MySQL, Redis and nginx from ${id} ${release}, about 70 MB (350 MB unpacked)`,
  };
}
