import type { ServerKind } from './programs.ts';

const VARIABLES = {
  mysql: 'PARLEY_TEST_MYSQL_URL',
  mariadb: 'PARLEY_TEST_MARIADB_URL',
  redis: 'PARLEY_TEST_REDIS_URL',
} as const satisfies Partial<Record<ServerKind, string>>;

/** A database that somebody else's server lends us: only for what we make in it ourselves. */
const OURS = /^\/parley[a-z0-9_]*$/;

/**
 * The address of a server that runs already, from PARLEY_TEST_MYSQL_URL, PARLEY_TEST_MARIADB_URL or PARLEY_TEST_REDIS_URL.
 * Its name of a database must begin with `parley`, so that a slip of the hand cannot point at anybody's data.
 *
 * @returns undefined when none is given
 * @throws Error when it names another database
 */
export function givenServer(kind: keyof typeof VARIABLES, env: NodeJS.ProcessEnv = process.env): string | undefined {
  const variable = VARIABLES[kind];
  const url = env[variable];
  if (!url) return undefined;
  const isWhole = URL.canParse(url) && (kind === 'redis' || OURS.test(new URL(url).pathname));
  if (isWhole) return url;
  const example = kind === 'redis' ? 'redis://host:6379' : 'mysql://user:password@host:3306/parley_test';
  throw new Error(`${variable} must look like ${example}, with a database of Parley's own`);
}
