import path from 'node:path';

/** The server, run from its sources as `npm start` does. */
export const SERVER = path.resolve(import.meta.dirname, '../../../server/src/main.ts');

/** Settings of nodes under trial: no limits that a crowd on one address would meet, but those of slow readers, which they are to meet. */
export const SERVER_ENV: Readonly<Record<string, string>> = {
  PARLEY_LOG_LEVEL: 'warn',
  PARLEY_HASH_QUEUE: '10000',
  PARLEY_LOGIN_FAILURES: '1000000',
  PARLEY_QUEUE_BYTES: '65536',
  PARLEY_STUCK_MS: '2000',
};
