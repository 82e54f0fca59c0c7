import type { Endpoint } from '../crowd/endpoint.ts';
import type { HistoryWriter } from '../history/history-writer.ts';

/** The stores that a system can have. */
export const STORES = ['sqlite', 'mysql', 'mariadb'] as const;
export type StoreName = (typeof STORES)[number];

/** Where what is read from a database goes. */
export type RecordSink = Pick<HistoryWriter, 'now' | 'write' | 'settle'>;

/**
 * Writes what a database holds of these conversations, logs, heads and positions; of all when none are named.
 * @returns the number of entries
 */
export type ReadDatabase = (sink: RecordSink, conversations?: ReadonlySet<string>) => Promise<number>;

/** One Parley node, to be broken. All of its ways back are in `start`. */
export interface FaultyNode extends Endpoint {
  readonly pid: number;
  readonly isRunning: boolean;
  kill(): Promise<void>;
  freeze(): void;
  thaw(): void;
  /** Asks it to stop in order. @returns its exit code */
  drain(): Promise<number | null>;
  start(): Promise<void>;
  /** The end of what it has logged. */
  readonly lastWords: string;
  /** How it ended when nobody had asked for that, a sentence each. */
  readonly mishaps: readonly string[];
  /** Its way to the database and to Redis; undefined where there is none between. */
  readonly storePath: FaultyPath | undefined;
  readonly busPath: FaultyPath | undefined;
  /** Sets its wall clock ahead (or back) of the true time. */
  setClock(aheadMs: number): Promise<void>;
}

/** A server of somebody else's, to be broken. */
export interface FaultyServer {
  readonly name: string;
  kill(): Promise<void>;
  freeze(): void;
  thaw(): void;
  restart(): Promise<void>;
}

/** The connections of one node to one server, to be broken. */
export interface FaultyPath {
  /** From now on nothing passes, and nobody is told; nor are new connections. */
  hang(): void;
  /** Cuts all connections. */
  cut(): void;
  /** As it should be. Connections that hung are cut. */
  heal(): void;
  /** Calls once, when a client sends something that holds the text: before it is passed on. */
  onSent(text: string, act: (path: PassingWords) => void): void;
  /** Takes back what `onSent` waits for. */
  forget(): void;
}

/** What may be done at the moment in which certain words pass. */
export interface PassingWords {
  /** Cuts this connection, and the words never arrive. */
  cutBefore(): void;
  /** Passes the words on and cuts this connection at once. */
  cutAfter(): void;
  /** Passes the words on; calls when the first bytes of the answer are there, which are then held until `release`. */
  holdAnswer(act: (release: () => void) => void): void;
}

/** A disk that can be made full. */
export interface FullableDisk {
  fill(): Promise<void>;
  empty(): Promise<void>;
}

/** A running Parley, small or big, that may be broken. Disposing of it ends and removes all that it started. */
export interface System extends AsyncDisposable {
  readonly store: StoreName | 'unknown';
  /** Where the crowd connects. */
  readonly endpoints: readonly Endpoint[];
  /** Whom to ask at the end. */
  readonly asked: readonly Endpoint[];
  /** Those that may be broken. */
  readonly nodes: readonly FaultyNode[];
  readonly database: FaultyServer | undefined;
  readonly redis: FaultyServer | undefined;
  readonly nginx: FaultyServer | undefined;
  /** Undefined: it has none that may be filled; then a sentence says why. */
  readonly disk: FullableDisk | string;
  /** Brings back whatever does not run. */
  heal(): Promise<void>;
  /** It holds nothing but what the crowd does: all of it is judged. */
  readonly isOurs: boolean;
  /** Undefined: nobody can read it here. */
  readonly readDatabase: ReadDatabase | undefined;
}
