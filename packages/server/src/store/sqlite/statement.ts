import type { DatabaseSync, SQLInputValue, StatementResultingChanges } from 'node:sqlite';

/** A prepared statement whose rows have a known shape: the one place where that is claimed. */
export interface Statement<Row> {
  get(...values: SQLInputValue[]): Row | undefined;
  all(...values: SQLInputValue[]): Row[];
  run(...values: SQLInputValue[]): StatementResultingChanges;
}

/** Prepares SQL once. `Row` must be what its columns hold; rows have no prototype. */
export function prepare<Row = never>(db: DatabaseSync, sql: string): Statement<Row> {
  return db.prepare(sql) as unknown as Statement<Row>;
}

/**
 * Prepares a query whose rows come as arrays: a third of the time of objects, which matters where rows come by the
 * hundred thousand.
 */
export function prepareTuples<Tuple extends readonly unknown[]>(
  db: DatabaseSync,
  sql: string,
): (...values: SQLInputValue[]) => Tuple[] {
  const statement = db.prepare(sql);
  statement.setReturnArrays(true);
  return (...values) => statement.all(...values) as unknown as Tuple[];
}

/** The number of a row just inserted. */
export function insertedId(result: StatementResultingChanges): number {
  return Number(result.lastInsertRowid);
}

/** A name's key as the bytes that the table compares. */
export function keyBytes(key: string): Uint8Array {
  return Buffer.from(key, 'utf8');
}
