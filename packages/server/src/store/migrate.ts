import { NewerSchema } from './store-errors.ts';

/** What the data says of itself. */
export interface SchemaVersion {
  /** Versions rise by one from 1. */
  readonly version: number;
  /** The oldest version of the code that may still read, and write, data of this version. */
  readonly minReader: number;
  readonly minWriter: number;
}

/** One step of the schema's history. Never edited after its release: only followed by the next. */
export interface Migration extends SchemaVersion {
  /** Statements that run in one transaction, together with the note that they ran. */
  readonly sql: string;
}

/**
 * The migrations still to run, in order. Data of a newer version is accepted only when it says that this code may
 * both read and write it; then there is nothing to run.
 * @throws {NewerSchema} otherwise
 */
export function pendingMigrations<M extends SchemaVersion>(found: SchemaVersion | undefined, known: readonly M[]): M[] {
  const newest = known.at(-1)?.version ?? 0;
  if (found !== undefined && found.version > newest && Math.max(found.minReader, found.minWriter) > newest) {
    throw new NewerSchema(found.version, newest);
  }
  return known.filter(({ version }) => version > (found?.version ?? 0));
}
