import { createAccountWrites } from './accounts.ts';
import { createBlocks } from './blocks.ts';
import { createContactWrites } from './contacts.ts';
import { createDeviceWrites } from './devices.ts';
import { createDirectWrites } from './directs.ts';
import { createEntryIndex } from './entry-index.ts';
import { createEntryLog } from './entry-log.ts';
import { createGroupWrites } from './groups.ts';
import { createLogWriter, type LogParts } from './log-writer.ts';
import { createMembershipWriter } from './membership-writer.ts';
import { openForWriting } from './open-database.ts';
import { createPositionWrites } from './read-positions.ts';
import { createRevisions } from './revisions.ts';
import { createWrite } from './transaction.ts';
import { createWalLimit, type WalOptions } from './wal-limit.ts';

/** What the writer may be told; everything but the file has a default. */
export interface WriterOptions extends WalOptions {
  /** Entries whose position is in memory only; see entry-index.ts. */
  readonly tailEntries?: number;
  /** For tests and benches: every commit takes this much longer. */
  readonly commitDelayMs?: number;
}

const TAIL_ENTRIES = 32_768;

/** All that changes the store, synchronously: runs in the writer's thread. */
export type Writer = ReturnType<typeof openWriter>;

/**
 * Opens the file for writing and reads the tail of the log, so it may take a moment.
 * @throws {ForeignData | NewerSchema | StoreBroken | StoreUnavailable} as openForWriting does
 */
export function openWriter(options: WriterOptions) {
  const db = openForWriting(options.file);
  let clockShiftMs = 0;
  const index = createEntryIndex(db, options.tailEntries ?? TAIL_ENTRIES);
  const log = createEntryLog(db, index);
  const revisions = createRevisions(db);
  const members = createMembershipWriter(db, revisions);
  const blocks = createBlocks(db);
  const write = createWrite(db, {
    finish: () => void revisions.flush(),
    forget() {
      for (const part of [revisions, members, blocks, log]) part.forget();
      index.reload();
    },
    beforeCommit: () => sleep(options.commitDelayMs ?? 0),
  });
  const parts: LogParts = { write, log, index, members, blocks, revisions, now: () => Date.now() + clockShiftMs };
  // Reads the tail now, so that the first commit does not wait for it.
  write(() => undefined);
  return {
    ...createAccountWrites(db, write),
    ...createDeviceWrites(db, write),
    ...createContactWrites(db, write, parts),
    ...createDirectWrites(db, parts),
    ...createGroupWrites(db, parts),
    ...createPositionWrites(db, write, parts),
    ...createLogWriter(db, parts),
    /** For tests: moves the store's clock, as an operator or NTP might. */
    shiftClock(byMs: number): void {
      clockShiftMs += byMs;
    },
    /** Call after each transaction: keeps the write-ahead log within its bound. */
    limitWal: createWalLimit(db, options),
    close: () => db.close(),
  };
}

function sleep(ms: number): void {
  if (ms > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
