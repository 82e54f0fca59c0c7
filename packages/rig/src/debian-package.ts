import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import path from 'node:path';

/** Where the program is, or one sentence that says why it cannot be had. */
export type Found = { readonly file: string } | { readonly missing: string };

/** What a caller may know better; tests do. */
export interface Surroundings {
  /** PATH is searched, and apt-get gets all of it. */
  readonly env: NodeJS.ProcessEnv;
  /** Whether apt-get may be used: on Debian or Ubuntu, as root. */
  readonly mayInstall: boolean;
}

/** Programs that Debian does not put on every user's PATH. */
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];
/** Test files run in parallel; apt-get's own lock makes the second one fail instead of wait. */
const LOCK = '/tmp/parley-apt-get.lock';
const LOCK_WAIT_S = 600;

/**
 * Finds a program on the PATH; on Debian and Ubuntu, as root, installs the package that has it, after saying so on stderr.
 * Never throws for lack of the program.
 *
 * @param program the file's name: 'mysqld'
 * @param packageName Debian's package, if its name is another: 'mariadb-server'
 */
export async function debianPackage(
  program: string,
  packageName = program,
  { env, mayInstall }: Surroundings = { env: process.env, mayInstall: isDebianRoot() },
): Promise<Found> {
  const present = find(program, env);
  if (present) return { file: present };
  if (!mayInstall) {
    return { missing: `${program} is not installed (Debian and Ubuntu have it in the package ${packageName})` };
  }
  process.stderr.write(`parley: ${program} is not installed; installing Debian's package ${packageName}\n`);
  const installed = (await aptGet(['install', packageName], env)) || (await updateAndInstall(packageName, env));
  const file = find(program, env);
  if (file) return { file };
  return {
    missing: `${program} is not installed, and apt-get ${installed ? 'has it not in' : 'cannot install'} ${packageName}`,
  };
}

/** The lists of packages may be missing (slim images) or name versions that are gone. */
async function updateAndInstall(packageName: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  return (await aptGet(['update'], env)) && (await aptGet(['install', packageName], env));
}

/** One at a time on this machine: flock lets go when apt-get ends, however it ends. */
async function aptGet(verb: readonly string[], env: NodeJS.ProcessEnv): Promise<boolean> {
  const wait = ['--timeout', String(LOCK_WAIT_S), LOCK];
  const options = ['-qq', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300'];
  const child = spawn('flock', [...wait, 'apt-get', ...options, ...verb], {
    env: { ...env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 2, 2],
  });
  return new Promise((resolve) => {
    child.on('error', () => resolve(false));
    child.on('exit', (code) => resolve(code === 0));
  });
}

function find(program: string, env: NodeJS.ProcessEnv): string | undefined {
  const folders = [...(env['PATH'] ?? '').split(path.delimiter), ...SYSTEM_FOLDERS];
  return folders.map((folder) => path.join(folder, program)).find(isExecutable);
}

/** Whether there is such a program, and we may run it. */
export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function isDebianRoot(): boolean {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version');
}
