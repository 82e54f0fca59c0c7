import { StoreUnavailable } from '../../chat/ports/store.ts';

/** Errors of the server that the store tells apart. */
const ERRNO = {
  duplicateKey: 1062,
  lockWait: 1205,
  deadlock: 1213,
  badNull: 1048,
  wrongValue: 1366,
  check: 3819,
  checkMariadb: 4025,
} as const;

/**
 * Errors of a statement because the server cannot write now: disk full, table full, read-only, no more undo logs.
 * The statement, and so the transaction's COMMIT behind it, was not carried out.
 */
const CANNOT_WRITE = new Set([1021, 1114, 1290, 1637, 1792, 1836]);

/** Of those: the server as a whole is read-only, as a primary that has been relieved. */
const READ_ONLY = new Set([1290, 1836]);

/**
 * What an error of the connector means for the transaction it happened in.
 * - `duplicate`, `data`, `mistake`: a statement was refused, and those behind it in the same query never ran.
 * - `deadlock`: the transaction is rolled back, and may be done again at once.
 * - `locked`: a lock was not granted in time; the transaction still holds its others.
 * - `cannotWrite`: full or read-only; as `mistake`, but it heals.
 * - `lost`: nobody knows what became of what was sent.
 */
export type FailureKind = 'duplicate' | 'data' | 'mistake' | 'deadlock' | 'locked' | 'cannotWrite' | 'lost';

interface SqlFailure extends Error {
  readonly errno: number;
  readonly fatal: boolean;
  readonly sqlState: string | null;
  readonly sqlMessage?: string | null;
}

/** Whether the connector or the server says it. */
export function isSqlFailure(error: unknown): error is SqlFailure {
  return error instanceof Error && 'errno' in error && typeof error.errno === 'number' && 'sqlState' in error;
}

/** Whether the server takes writes from nobody like us. */
export function isReadOnly(error: unknown): boolean {
  return isSqlFailure(error) && READ_ONLY.has(error.errno);
}

/** Sorts an error. What is not from the connector is a mistake of ours. */
export function failureKind(error: unknown): FailureKind {
  if (!isSqlFailure(error)) return 'mistake';
  if (error.fatal) return 'lost';
  switch (error.errno) {
    case ERRNO.duplicateKey:
      return 'duplicate';
    case ERRNO.lockWait:
      return 'locked';
    case ERRNO.deadlock:
      return 'deadlock';
    case ERRNO.badNull:
    case ERRNO.wrongValue:
    case ERRNO.check:
    case ERRNO.checkMariadb:
      return 'data';
    default:
      return kindByState(error);
  }
}

/** The classes of SQLSTATE: 22 are data, 42 syntax, names and rights. Anything unheard of counts as `lost`. */
function kindByState({ errno, sqlState }: SqlFailure): FailureKind {
  if (CANNOT_WRITE.has(errno)) return 'cannotWrite';
  if (sqlState?.startsWith('22') === true) return 'data';
  if (sqlState?.startsWith('42') === true) return 'mistake';
  return 'lost';
}

/** The error as the port has it: what heals is StoreUnavailable; a mistake of ours passes, without values in its text. */
export function failureOf(error: unknown): Error {
  if (!isSqlFailure(error)) return error instanceof Error ? error : new Error(String(error));
  const kind = failureKind(error);
  const message = reasonOf(error);
  if (kind === 'mistake' || kind === 'data' || kind === 'duplicate') return new Error(message);
  return new StoreUnavailable(message, { cause: new Error(message) });
}

/** In one line, and without the statement, which may hold what people wrote. */
export function reasonOf(error: unknown): string {
  if (!isSqlFailure(error)) return error instanceof Error ? error.message : String(error);
  // The socket's own says where it went, and what was found there.
  if (typeof error.sqlMessage !== 'string') return `no connection to the database: ${error.message}`;
  return `${error.sqlMessage} (${error.errno})`;
}
