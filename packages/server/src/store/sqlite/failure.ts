import { StoreUnavailable } from '../../chat/ports/store.ts';
import { ForeignData, NewerSchema, StoreBroken } from '../store-errors.ts';

/** Primary result codes of SQLite that the store tells apart. */
const CODE = {
  busy: 5,
  locked: 6,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
} as const;

/** The primary result code of an error of node:sqlite; undefined for any other error. */
function codeOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  return error.errcode & 0xff;
}

/** The file is something else than a database, or not even its first page can be made out. */
export function isForeign(error: unknown): boolean {
  const code = codeOf(error);
  return code === CODE.notADatabase || code === CODE.corrupt;
}

/**
 * What an error inside a transaction means, once that is rolled back.
 * Full, busy, unreachable: StoreUnavailable, and the call may be repeated. A damaged file: StoreBroken.
 * Anything else is a mistake of ours and passes as it is.
 */
export function failureInWork(error: unknown): Error {
  switch (codeOf(error)) {
    case CODE.busy:
    case CODE.locked:
    case CODE.readOnly:
    case CODE.ioError:
    case CODE.full:
    case CODE.cannotOpen:
      return new StoreUnavailable(messageOf(error), { cause: error });
    case CODE.corrupt:
    case CODE.notADatabase:
      return new StoreBroken(`the database file is damaged: ${messageOf(error)}`, { cause: error });
    default:
      return error instanceof Error ? error : new Error(String(error));
  }
}

/**
 * What an error at COMMIT or ROLLBACK means. A full disk fails before the record that would make the transaction
 * count, so it is surely not stored. After any other I/O error nobody knows: a second fsync may report success for
 * pages that the kernel has dropped, so nothing is retried and the process must end.
 */
export function failureAtEnd(error: unknown): Error {
  const code = codeOf(error);
  if (code === CODE.full || code === CODE.busy) return new StoreUnavailable(messageOf(error), { cause: error });
  return new StoreBroken(`the database could not end a transaction: ${messageOf(error)}`, { cause: error });
}

/** What an error of a read means: a damaged page makes one read fail, not the server. */
export function failureOfRead(error: unknown): Error {
  if (codeOf(error) === undefined) return error instanceof Error ? error : new Error(String(error));
  return new StoreUnavailable(messageOf(error), { cause: error });
}

/** An error as it crosses from a thread. */
export type PlainFailure =
  | { readonly kind: 'newer'; readonly found: number; readonly known: number }
  | { readonly kind: 'unavailable' | 'foreign' | 'broken' | 'mistake'; readonly message: string };

/** Takes an error apart, because structured clones lose its class. */
export function plainFailure(error: unknown): PlainFailure {
  if (error instanceof NewerSchema) return { kind: 'newer', found: error.found, known: error.known };
  const message = messageOf(error);
  if (error instanceof StoreUnavailable) return { kind: 'unavailable', message };
  if (error instanceof ForeignData) return { kind: 'foreign', message };
  if (error instanceof StoreBroken) return { kind: 'broken', message };
  return { kind: 'mistake', message: error instanceof Error ? (error.stack ?? message) : message };
}

/** Puts it together again. */
export function failureFrom(plain: PlainFailure): Error {
  switch (plain.kind) {
    case 'newer':
      return new NewerSchema(plain.found, plain.known);
    case 'unavailable':
      return new StoreUnavailable(plain.message);
    case 'foreign':
      return new ForeignData(plain.message);
    case 'broken':
      return new StoreBroken(plain.message);
    case 'mistake':
      return new Error(plain.message);
  }
}

/** What was thrown in words, without the stack; anything may be thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
