import type { GroupId, Seq, UserId } from '@parley/protocol';
import type { PasswordChange } from '../../chat/ports/account-store.ts';
import type { EdgeChange, JudgedContact } from '../../chat/ports/contact-store.ts';
import type {
  GroupCreation,
  GroupRecord,
  MemberRecord,
  NewGroup,
  PositionMove,
} from '../../chat/ports/conversation-store.ts';
import type { CommitOutcome, EntryPage, PageLimit, SettleOutcome } from '../../chat/ports/log-store.ts';
import type {
  AppendRequest,
  AppendResult,
  Conversation,
  ConversationId,
  DeviceId,
  DeviceRecord,
  Head,
  Membership,
  UserRecord,
} from '../../chat/ports/records.ts';
import type { StatePage, StateVersion } from '../../chat/ports/state-store.ts';
import type { Store } from '../../chat/ports/store.ts';
import type { Reader } from './reader.ts';
import { StoreThread } from './store-thread.ts';
import type { Writer, WriterOptions } from './writer.ts';

/** Exit code of a process whose store broke: EX_IOERR of sysexits.h. */
const EXIT_IO_ERROR = 74;

/** So many new entries the reader takes in by itself; it needs about 5 ms for them. */
const FOLLOW_ROWS = 8_192;

export interface SqliteStoreOptions extends WriterOptions {
  /**
   * Called when nothing may be taken for durable any more (an I/O error at COMMIT, a damaged file, a dead thread).
   * It must end the process: by default it writes one line to stderr and exits with 74.
   */
  readonly onBroken?: (error: Error) => void;
}

/**
 * Opens the embedded store, and makes its file when missing. The file's folder must be this process's own.
 * @throws {NewerSchema | ForeignData} for data that this release must not touch
 */
export async function openSqliteStore({ onBroken = exitBroken, ...options }: SqliteStoreOptions): Promise<SqliteStore> {
  const writer = await StoreThread.open<Writer>('writer', options, onBroken);
  try {
    const reader = await StoreThread.open<Reader>('reader', { file: options.file }, onBroken);
    return new SqliteStore(writer, reader);
  } catch (error) {
    await writer.close();
    throw error;
  }
}

function exitBroken(error: Error): void {
  process.stderr.write(`parleyd: ${error.message}; ending, because nothing may be acknowledged after that\n`);
  process.exit(EXIT_IO_ERROR);
}

/**
 * The Store port over two threads with a connection each: a slow commit delays no read. A read sees every write
 * that was answered before the read was asked for.
 */
export class SqliteStore implements Store {
  readonly #writer: StoreThread<Writer>;
  readonly #reader: StoreThread<Reader>;

  /** Entries committed since the reader was last asked for something that made it take them in. */
  #unread = 0;

  constructor(writer: StoreThread<Writer>, reader: StoreThread<Reader>) {
    this.#writer = writer;
    this.#reader = reader;
  }

  createUser(user: { name: string; key: string; passwordHash: string }): Promise<UserId | undefined> {
    return this.#writer.call('createUser', [user]);
  }

  findUser(id: UserId): Promise<UserRecord | undefined> {
    return this.#reader.call('findUser', [id]);
  }

  findUserByKey(key: string): Promise<UserRecord | undefined> {
    return this.#reader.call('findUserByKey', [key]);
  }

  changePassword(change: PasswordChange): Promise<DeviceId[] | undefined> {
    return this.#writer.call('changePassword', [change]);
  }

  setLastSeen(id: UserId, atMs: number): Promise<void> {
    return this.#writer.call('setLastSeen', [id, atMs]);
  }

  createDevice(device: { user: UserId; name: string; tokenHash: Uint8Array; atMs: number }): Promise<DeviceId> {
    return this.#writer.call('createDevice', [device]);
  }

  findDevice(tokenHash: Uint8Array): Promise<{ device: DeviceRecord; user: UserRecord } | undefined> {
    return this.#reader.call('findDevice', [tokenHash]);
  }

  listDevices(user: UserId): Promise<DeviceRecord[]> {
    return this.#reader.call('listDevices', [user]);
  }

  revokeDevice(user: UserId, device: DeviceId): Promise<boolean> {
    return this.#writer.call('revokeDevice', [user, device]);
  }

  touchDevices(devices: readonly { readonly device: DeviceId; readonly atMs: number }[]): Promise<void> {
    return this.#writer.call('touchDevices', [devices]);
  }

  setEdge(owner: UserId, peer: UserId, change: EdgeChange): Promise<boolean | 'blocked'> {
    return this.#writer.call('setEdge', [owner, peer, change]);
  }

  listContacts(owner: UserId, after: number, limit: number): Promise<JudgedContact[]> {
    return this.#reader.call('listContacts', [owner, after, limit]);
  }

  listParted(owner: UserId, after: number, last: number): Promise<UserId[]> {
    return this.#reader.call('listParted', [owner, after, last]);
  }

  findConversation(id: ConversationId): Promise<Conversation | undefined> {
    return this.#reader.call('findConversation', [id]);
  }

  findDirect(one: UserId, other: UserId): Promise<Conversation | undefined> {
    return this.#reader.call('findDirect', [one, other]);
  }

  findGroup(group: GroupId): Promise<GroupRecord | undefined> {
    return this.#reader.call('findGroup', [group]);
  }

  findGroupByKey(key: string): Promise<GroupRecord | undefined> {
    return this.#reader.call('findGroupByKey', [key]);
  }

  openDirect(one: UserId, other: UserId): Promise<Conversation | 'blocked' | 'no_such_user'> {
    return this.#writer.call('openDirect', [one, other]);
  }

  createGroup(group: NewGroup): Promise<GroupCreation> {
    return this.#writer.call('createGroup', [group]);
  }

  memberships(user: UserId, after: number, limit: number): Promise<Membership[]> {
    return this.#reader.call('memberships', [user, after, limit]);
  }

  membership(user: UserId, conversation: ConversationId): Promise<Membership | undefined> {
    return this.#reader.call('membership', [user, conversation]);
  }

  members(conversation: ConversationId, after: number, limit: number): Promise<MemberRecord[]> {
    return this.#reader.call('members', [conversation, after, limit]);
  }

  heads(conversations: readonly ConversationId[]): Promise<Head[]> {
    return this.#reader.call('heads', [conversations]);
  }

  movePositions(moves: readonly PositionMove[]): Promise<UserId[]> {
    return this.#writer.call('movePositions', [moves]);
  }

  readState(user: UserId, since: StateVersion, options: { limit: number; paging: boolean }): Promise<StatePage> {
    return this.#reader.call('readState', [user, since, options]);
  }

  async commit(batch: readonly AppendRequest[]): Promise<CommitOutcome> {
    const outcome = await this.#writer.commit(batch);
    this.#unread += batch.length;
    if (this.#unread >= FOLLOW_ROWS) this.#letReaderFollow();
    return outcome;
  }

  /** A store that broke, or was closed, cannot say what became of a batch. */
  async settle(batch: readonly AppendRequest[]): Promise<SettleOutcome> {
    try {
      return await this.#writer.call('settle', [batch]);
    } catch {
      return { state: 'unknown' };
    }
  }

  readForward(conversation: ConversationId, from: Seq, limit: PageLimit): Promise<EntryPage> {
    return this.#reader.call('readForward', [conversation, from, limit]);
  }

  readBackward(conversation: ConversationId, before: Seq, limit: PageLimit): Promise<EntryPage> {
    return this.#reader.call('readBackward', [conversation, before, limit]);
  }

  findOutcome(conversation: ConversationId, author: UserId, clientId: string): Promise<AppendResult | undefined> {
    return this.#reader.call('findOutcome', [conversation, author, clientId]);
  }

  /** For tests: moves the store's clock, as an operator or a time server might. */
  shiftClock(byMs: number): Promise<void> {
    return this.#writer.call('shiftClock', [byMs]);
  }

  /** Else the first read after a long time without any would have to go through all of them. */
  #letReaderFollow(): void {
    this.#unread = 0;
    // Whatever is wrong with the reader, the next real read will say so.
    this.#reader.call('heads', [[]]).catch(() => undefined);
  }

  /** The reader first, so that the writer, closing last, can put the write-ahead log away. */
  async close(): Promise<void> {
    await this.#reader.close();
    await this.#writer.close();
  }
}
