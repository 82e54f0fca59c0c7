import { StoreUnavailable } from '../chat/ports/store.ts';

/** Why a store could not be opened. None of these heals by waiting. */

/** The data was written by a newer release, which says that this one must not touch it. [DATA-2] */
export class NewerSchema extends Error {
  override readonly name = 'NewerSchema';
  /** Version of the data. */
  readonly found: number;
  /** Version that this release knows. */
  readonly known: number;

  constructor(found: number, known: number) {
    super(`the data has version ${found}, this release knows only ${known}: start the newer release again`);
    this.found = found;
    this.known = known;
  }
}

/** The file is no Parley database, or so damaged that it cannot be told from one. */
export class ForeignData extends Error {
  override readonly name = 'ForeignData';
}

/** The store met an error after which nothing may be taken for durable: the process must end. */
export class StoreBroken extends Error {
  override readonly name = 'StoreBroken';
}

/** The database's server lacks what the statements need. When one takes over from another later, it counts as away. [OPS-2] */
export class ServerTooOld extends StoreUnavailable {}
