import { existsSync, globSync, readFileSync } from 'node:fs';
import { cp, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cacheFolder, makeOnce } from './cache-folder.ts';
import { firstBytes, freePort } from './probe.ts';
import { findProgram, type Program } from './programs.ts';
import { mustRun } from './run.ts';
import { ServerProcess } from './server-process.ts';
import { keepPassword, type Place } from './start-redis.ts';

/** Two servers that speak the same language, nearly. */
export type Flavour = 'mysql' | 'mariadb';

/** Which one, and where. */
export interface MysqlOptions extends Place {
  readonly flavour: Flavour;
  /** More options for the server: `['--max-connections=20']`. */
  readonly options?: readonly string[];
}

const NAMES: Readonly<Record<Flavour, string>> = { mysql: 'MySQL', mariadb: 'MariaDB' };

/** The first byte after the header of a packet: a greeting, not a refusal. */
const GREETING = 0x0a;
const HEADER_BYTES = 4;

/**
 * Starts a private MySQL or MariaDB on 127.0.0.1, with an empty database `parley` and a user `parley` with a random password
 * who may do everything. What was committed survives every kind of death: it is as durable as a real one.
 *
 * @throws Error when there is none to be had, or it does not start
 */
export async function startMysql({ flavour, folder, port, options = [] }: MysqlOptions): Promise<ServerProcess> {
  const program = await findProgram(flavour);
  const place = path.resolve(folder);
  await mkdir(place, { recursive: true, mode: 0o700 });
  await makeData(flavour, program, path.join(place, 'data'));
  const password = await keepPassword(place);
  await writeFile(path.join(place, 'init.sql'), firstStatements(flavour, password), { mode: 0o600 });
  const listen = port ?? (await freePort());
  return ServerProcess.start({
    name: `${NAMES[flavour]} ${program.version}`,
    command: [...program.command, ...basics(program, place), ...settings(flavour, place, listen), ...options],
    folder: place,
    port: listen,
    url: `mysql://parley:${password}@127.0.0.1:${listen}/parley`,
    isReady: async () => (await firstBytes(listen))?.[HEADER_BYTES] === GREETING,
  });
}

/** What it needs to know in every mode. */
function basics({ prefix }: Program, place: string): string[] {
  const asRoot = process.getuid?.() === 0 ? ['--user=root'] : [];
  return ['--no-defaults', ...asRoot, `--basedir=${prefix}`, `--datadir=${place}/data`];
}

function settings(flavour: Flavour, place: string, port: number): string[] {
  return [
    '--bind-address=127.0.0.1',
    `--port=${port}`,
    '--socket=mysql.sock', // in the data folder: the whole path may be longer than a socket's may
    `--pid-file=${place}/pid`,
    `--init-file=${place}/init.sql`,
    '--skip-name-resolve',
    '--character-set-server=utf8mb4',
    '--innodb-flush-log-at-trx-commit=1',
    '--skip-log-bin', // nobody replicates it; the redo log alone makes a commit durable, at one fsync instead of two
    '--innodb-buffer-pool-size=64M',
    '--performance-schema=OFF',
    '--max-connections=200',
    ...(flavour === 'mysql'
      ? ['--mysqlx=OFF', '--secure-file-priv=NULL', '--innodb-redo-log-capacity=64M']
      : ['--innodb-log-file-size=64M']),
  ];
}

/** Run at every start, before anyone is let in; a statement a line. The administrator's account is of no use to anyone. */
function firstStatements(flavour: Flavour, password: string): string {
  return [
    'CREATE DATABASE IF NOT EXISTS parley CHARACTER SET utf8mb4;',
    `CREATE USER IF NOT EXISTS 'parley'@'%' IDENTIFIED BY '${password}';`,
    "GRANT ALL PRIVILEGES ON *.* TO 'parley'@'%' WITH GRANT OPTION;",
    flavour === 'mysql' ? "ALTER USER 'root'@'localhost' ACCOUNT LOCK;" : '',
    '',
  ].join('\n');
}

/** Making an empty data folder takes seconds, copying one does not. */
async function makeData(flavour: Flavour, program: Program, data: string): Promise<void> {
  if (existsSync(data)) return;
  const template = path.join(cacheFolder(), `data-${flavour}-${program.version}`);
  await makeOnce(template, async (unfinished) => {
    process.stderr.write(`parley: making an empty data folder for ${NAMES[flavour]} ${program.version}, once\n`);
    await (flavour === 'mysql' ? initialiseMysql : initialiseMariadb)(program, unfinished);
  });
  const copy = `${data}.copying`;
  await rm(copy, { recursive: true, force: true });
  await cp(path.join(template, 'data'), copy, { recursive: true, mode: 2 /* share the blocks where the disk can */ });
  await rm(path.join(copy, 'auto.cnf'), { force: true }); // the server's own id
  await rename(copy, data);
}

async function initialiseMysql(program: Program, folder: string): Promise<void> {
  const sizes = ['--innodb-redo-log-capacity=64M', '--innodb-buffer-pool-size=64M'];
  await mustRun([...program.command, ...basics(program, folder), '--initialize-insecure', ...sizes]);
}

/** What the script mariadb-install-db does; that one calls programs that would not find their libraries. */
async function initialiseMariadb(program: Program, folder: string): Promise<void> {
  await mkdir(path.join(folder, 'data/mysql'), { recursive: true });
  const input = bootstrapStatements(program);
  await mustRun([...program.command, ...basics(program, folder), '--bootstrap', '--innodb-log-file-size=64M'], {
    input,
  });
}

function bootstrapStatements({ prefix }: Program): string {
  const scripts = ['system_tables', 'performance_tables', 'system_tables_data'].map((name) => {
    const [file] = globSync(path.join(prefix, `share/{mysql,mariadb}/{mysql,mariadb}_${name}.sql`));
    if (file === undefined) throw new Error(`${prefix}/share has no ${name}.sql: install MariaDB's server whole`);
    return readFileSync(file, 'utf8');
  });
  const local = scripts
    .join('\n')
    .split('\n')
    .filter((line) => !line.includes('@current_hostname'));
  return ['USE mysql;', "SET @auth_root_socket='root';", ...local, ''].join('\n');
}
