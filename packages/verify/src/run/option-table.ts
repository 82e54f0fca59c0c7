/** One option: what its value is called, and what it does. */
export interface Option {
  readonly name: string;
  readonly value: string;
  readonly help: string;
}

/** Options as they were given, by their names. */
export type OptionValues = Readonly<Record<string, string | undefined>>;

/** What `npm run verify` and `parley verify` take alike; the command table of `parley` has a copy, and a test compares the two. */
export const OPTIONS: readonly Option[] = [
  {
    name: 'store',
    value: 'NAME',
    help: 'start a cluster on mysql (unless told otherwise) or mariadb, or sqlite: one node',
  },
  { name: 'nodes', value: 'N', help: 'how many nodes to start; 2' },
  { name: 'at', value: 'HOST:PORT,…', help: 'start nothing: a Parley that runs already, where people connect to it' },
  {
    name: 'database',
    value: 'FILE|URL',
    help: 'with --at: its database, to be read; with a password: PARLEY_DATABASE',
  },
  { name: 'seconds', value: 'N', help: 'how long people talk; 30' },
  { name: 'users', value: 'N', help: 'how many people; 40' },
  { name: 'rate', value: 'N', help: 'how many messages they send a second; 1500, with --at 300' },
  {
    name: 'faults',
    value: 'A,B',
    help: 'which faults: all unless told otherwise, none, or names; a wrong name lists them',
  },
  { name: 'at-once', value: 'N', help: 'how many faults together; 1' },
  { name: 'seed', value: 'N', help: 'the same seed gives the same people and the same faults; by chance' },
  { name: 'folder', value: 'FOLDER', help: 'keep data, logs and history there; it must be new or empty' },
  { name: 'history', value: 'FILE', help: 'judge the history of an earlier run again' },
];
