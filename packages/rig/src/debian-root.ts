import { existsSync, globSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cacheFolder, makeOnce } from './cache-folder.ts';
import { mustRun } from './run.ts';

/** Packages of one release of Debian or Ubuntu, with everything that they depend on. */
export interface PackageSet {
  readonly name: string;
  readonly release: string;
  /** Names, or patterns as apt-get takes them. */
  readonly packages: readonly string[];
  /** For the line that is printed before they are fetched. */
  readonly saying: string;
}

/** The distribution, as /etc/os-release names it; undefined where there is no apt-get. */
export interface Distribution {
  readonly id: 'debian' | 'ubuntu';
  readonly codename: string;
}

const KEYS = '/usr/share/keyrings';

/** Which of the distributions with apt-get this machine runs, if any. */
export function distribution(file = '/etc/os-release'): Distribution | undefined {
  if (!existsSync(file) || !existsSync('/usr/bin/apt-get')) return undefined;
  const text = readFileSync(file, 'utf8');
  const read = (key: string): string => new RegExp(`^${key}="?([^"\n]*)`, 'm').exec(text)?.[1] ?? '';
  const id = read('ID');
  return id === 'debian' || id === 'ubuntu' ? { id, codename: read('VERSION_CODENAME') } : undefined;
}

/**
 * A folder with the packages unpacked, none of them installed: what is in it runs with its own C library (`rootCommand`), so
 * it may be of a newer release than the machine. Fetched once, by apt-get, from the mirror that the machine is configured for,
 * with lists and cache of its own: neither the system's packages nor its apt are touched, and nobody needs to be root.
 *
 * @throws Error when they cannot be fetched
 */
export async function debianRoot(set: PackageSet, system: Distribution, env = process.env): Promise<string> {
  return makeOnce(path.join(cacheFolder(env), `${set.name}-${set.release}`), async (folder) => {
    process.stderr.write(`parley: ${set.saying}, once; kept in ${cacheFolder(env)}\n`);
    await mkdir(path.join(folder, 'apt'));
    await configure(path.join(folder, 'apt'), await source(set, system));
    const apt = aptGet({ ...env, APT_CONFIG: path.join(folder, 'apt/apt.conf') });
    await apt('update');
    await apt('--download-only', 'install', ...set.packages);
    for (const file of globSync(path.join(folder, 'apt/cache/archives/*.deb'))) {
      await mustRun(['dpkg-deb', '-x', file, folder]);
    }
    await rm(path.join(folder, 'apt'), { recursive: true });
  });
}

/**
 * How to run a program of such a folder: through the folder's own loader, with its libraries.
 * @param file below the folder: 'usr/sbin/mysqld'
 */
export function rootCommand(root: string, file: string): readonly string[] {
  const [loader] = globSync(path.join(root, '{usr/lib*,lib*}/ld-linux-*.so.*'));
  if (loader === undefined) throw new Error(`${root} has no loader; remove it, and it is fetched again`);
  const libraries = globSync(path.join(root, '{usr/lib,lib}/*-linux-gnu*'));
  return [loader, '--inhibit-cache', '--library-path', libraries.join(':'), path.join(root, file)];
}

/** @returns a line for apt's list of sources */
async function source({ release }: PackageSet, system: Distribution): Promise<string> {
  const keys = path.join(KEYS, `${system.id}-archive-keyring.gpg`);
  const signed = existsSync(keys) ? `[signed-by=${keys}] ` : '';
  const components = system.id === 'ubuntu' ? 'main universe' : 'main';
  return `deb ${signed}${await mirror(system)} ${release} ${components}\n`;
}

/**
 * For a system without a single package, so that all dependencies are fetched too. Of the machine's own configuration it
 * takes what says how to fetch: proxies, certificates, retries. The rest stays out: the hooks of container images, for one,
 * empty the system's own cache after every update.
 */
async function configure(folder: string, sources: string): Promise<void> {
  for (const name of ['state/lists/partial', 'cache/archives/partial', 'none']) {
    await mkdir(path.join(folder, name), { recursive: true });
  }
  await writeFile(path.join(folder, 'sources.list'), sources);
  await writeFile(path.join(folder, 'status'), '');
  const fetching = (await mustRun(['apt-config', 'dump'])).split('\n').filter((line) => line.startsWith('Acquire::'));
  const own = [
    `Dir::State "${folder}/state";`,
    `Dir::State::status "${folder}/status";`,
    `Dir::Cache "${folder}/cache";`,
    `Dir::Etc::main "/dev/null";`,
    `Dir::Etc::parts "${folder}/none";`,
    `Dir::Etc::sourcelist "${folder}/sources.list";`,
    `Dir::Etc::sourceparts "${folder}/none";`,
    `Dir::Etc::preferences "/dev/null";`,
    `Dir::Etc::preferencesparts "${folder}/none";`,
    'APT::Sandbox::User "";', // its usual user cannot enter a private folder
    'APT::Update::Error-Mode "any";', // without lists it would find that there are no such packages
    'Acquire::Languages "none";',
  ];
  await writeFile(path.join(folder, 'apt.conf'), `${[...fetching, ...own].join('\n')}\n`);
}

function aptGet(env: NodeJS.ProcessEnv): (...args: string[]) => Promise<void> {
  const quiet = ['apt-get', '-qq', '-y', '--no-install-recommends'];
  return async (...args) => {
    await mustRun([...quiet, ...args], { env: { ...env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' } });
  };
}

/** Whence the machine gets its own packages. */
async function mirror({ id, codename }: Distribution): Promise<string> {
  const format = ['--format', '$(RELEASE) $(COMPONENT) $(REPO_URI)'];
  const lines = (await mustRun(['apt-get', 'indextargets', '--no-release-info', ...format])).trim().split('\n');
  const wanted = lines.find((line) => line.startsWith(`${codename} main `)) ?? lines[0];
  const address = wanted?.split(' ')[2];
  if (!address) throw new Error(`apt-get is configured for no mirror of ${id}`);
  return address;
}
