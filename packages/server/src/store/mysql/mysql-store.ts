import type { Journal } from '../../chat/ports/journal.ts';
import type { LogLane } from '../../chat/ports/log-store.ts';
import type { Store } from '../../chat/ports/store.ts';
import { createAccounts } from './accounts.ts';
import { createContacts } from './contacts.ts';
import { createConversationReads } from './conversations.ts';
import { createDevices } from './devices.ts';
import { createDirects } from './directs.ts';
import { createGroups } from './groups.ts';
import { JournalReader } from './journal.ts';
import { sweepJournal } from './journal-sweep.ts';
import { LINK_TIMES, Links, type LinkTimes } from './links.ts';
import { LogLaneWriter } from './log-lane.ts';
import { createLogReads } from './log-reader.ts';
import { migrate } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';
import type { PoolLimits } from './pool.ts';
import { createPositions } from './positions.ts';
import { ReadLinks } from './read-links.ts';
import { createStateReads } from './state.ts';
import { StateWriters } from './state-writers.ts';
import { Writer } from './writer.ts';
import { WriterList } from './writer-list.ts';

/** What the store may be told; all but the URL has a default. */
export interface MysqlStoreOptions {
  /** `mysql://user:password@host:3306/database`; `?ssl=true` for TLS. The database must exist. */
  readonly url: string;
  /** Connections for reads. Beside them there are one for the journal, two for the log and two for other transactions. */
  readonly readers?: number;
  readonly times?: LinkTimes;
  /** How long rows of the journal live, in milliseconds. */
  readonly journalKeptMs?: number;
}

const READERS = 8;
const STATE_WRITERS = 2;
const WAITING: PoolLimits = { queue: 10_000, waitMs: 2_000 };
const JOURNAL_KEPT_MS = 600_000;
const SWEEP_MS = 60_000;

/**
 * Opens a store in a database of MySQL >= 8.0 or MariaDB >= 10.11, and makes its tables when missing. Several nodes may
 * have it open.
 * @throws {NewerSchema | ForeignData | ServerTooOld} for data that this release must not touch
 * @throws {StoreUnavailable} when the server cannot be reached
 */
export async function openMysqlStore(options: MysqlStoreOptions): Promise<MysqlStore> {
  const links = new Links(options.url, options.times ?? LINK_TIMES);
  try {
    await migrate(links, MIGRATIONS);
    return createStore(links, options);
  } catch (error) {
    await links.close();
    throw error;
  }
}

/** The Store port over a server's database, and the journal of what other nodes do there. */
export interface MysqlStore extends Store, Journal {
  /** What the nodes on this database call themselves to each other; no other database has the same. */
  deployment(): Promise<string>;
  /** For tests: moves the store's clock, as an operator or a time server might. */
  shiftClock(byMs: number): void;
  /** For tests: deletes what is old in the journal now. */
  sweepJournal(): Promise<void>;
}

function createStore(
  links: Links,
  { readers = READERS, journalKeptMs = JOURNAL_KEPT_MS }: MysqlStoreOptions,
): MysqlStore {
  let clockShiftMs = 0;
  const shiftMs = (): number => clockShiftMs;
  const list = new WriterList();
  const reads = new ReadLinks(links, readers, WAITING);
  const writers = Array.from({ length: STATE_WRITERS }, () => new Writer(links, list));
  const state = new StateWriters(writers, reads, WAITING);
  const lane = (): LogLaneWriter => new LogLaneWriter(new Writer(links, list), shiftMs);
  const lanes: Readonly<Record<LogLane, LogLaneWriter>> = { main: lane(), aside: lane() };
  // Its own: who cannot read the journal takes no sends, and a herd that comes back keeps all others busy.
  const journal = new JournalReader(new ReadLinks(links, 1, WAITING), list, journalKeptMs);
  const sweep = (): Promise<void> => sweepJournal(reads, list, journalKeptMs);
  // What fails is done a minute later, by this node or another.
  const sweeping = setInterval(() => void sweep().catch(() => undefined), SWEEP_MS).unref();
  return {
    ...createAccounts(reads, state),
    ...createDevices(reads, state),
    ...createContacts(reads, state),
    ...createConversationReads(reads),
    ...createDirects(state),
    ...createGroups(state, shiftMs),
    ...createPositions(state),
    ...createStateReads(reads),
    ...createLogReads(reads),
    commit: (batch, which) => lanes[which].commit(batch),
    settle: (batch, which) => lanes[which].settle(batch),
    read: () => journal.read(),
    deployment: async () => (await reads.first<{ id: string }>('SELECT id FROM deployment', []))?.id ?? '',
    shiftClock(byMs) {
      clockShiftMs += byMs;
    },
    sweepJournal: sweep,
    close() {
      clearInterval(sweeping);
      return links.close();
    },
  };
}
