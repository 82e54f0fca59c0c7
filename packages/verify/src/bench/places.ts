import path from 'node:path';

const REPOSITORY = path.resolve(import.meta.dirname, '../../../..');

/** The server, run from its sources as `npm start` does. */
export const SERVER = path.join(REPOSITORY, 'packages/server/src/main.ts');
/** The command, run from its sources, and what keeps its compilations. */
export const CLI = path.join(REPOSITORY, 'packages/cli/src/main.ts');
export const COMPILE_CACHE = path.join(REPOSITORY, 'node_modules/.cache/node');
/** Everything that benches leave on disk; may be deleted at any time between runs. */
const BENCH_DATA = path.join(REPOSITORY, 'data/bench');
/** Filled databases, kept from run to run. */
export const WORLDS = path.join(BENCH_DATA, 'worlds');
/** Copies that a run works on; removed at its end. */
export const RUNS = path.join(BENCH_DATA, 'runs');
/** CPU profiles of the server. */
export const PROFILES = path.join(BENCH_DATA, 'profiles');
