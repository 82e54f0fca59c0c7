import type { CloseReason, Seq, SyncMode, Tag, UserId } from '@parley/protocol';
import type {
  AppendRequest,
  AppendResult,
  Conversation,
  ConversationId,
  Cursor,
  DeviceId,
  Entry,
  StatePage,
  StateVersion,
} from '../chat/ports/index.ts';

/** Entries that do not come by themselves, told in their place. The reader's cursor stands at (to, tag) afterwards. */
export interface Gap {
  readonly from: Seq;
  readonly to: Seq;
  readonly tag: Tag;
  readonly reason: 'paged' | 'not_member' | 'reset';
}

/**
 * One logged-in session as delivery sees it. Everything handed over is taken; the answer says whether more may
 * follow: false = the write queue is full, and nothing more comes until `SessionSync.drained()`.
 */
export interface Peer {
  readonly user: UserId;
  readonly device: DeviceId;
  entry(entry: Entry, conversation: Conversation): boolean;
  gap(gap: Gap, conversation: Conversation): boolean;
  state(page: StatePage): boolean;
  /** All that was there when the sync was asked for has been handed over. Once per `start`. */
  synced(): void;
  /** The session must end, telling why. */
  close(reason: CloseReason): void;
}

/** Where a device stands in one conversation, as it says. */
export interface DeviceCursor {
  readonly cursor: Cursor;
  /** Acknowledged positions whose entries have not come yet. */
  readonly acked: readonly Cursor[];
  readonly want: SyncMode | undefined;
}

/** What a session wants to be sent. */
export interface SyncPlan {
  /**
   * `device`: from the cursors given (by conversation address), else `byDefault`.
   * `account`: in full from the account's own position (classic clients keep none).
   */
  readonly from: 'device' | 'account';
  /** The sync's own from now on: it forgets each when it has used it. */
  readonly cursors: Map<string, DeviceCursor>;
  readonly byDefault: SyncMode;
  /** The device's copy of the private state; undefined: it does not want any. */
  readonly state: StateVersion | undefined;
}

/** What a session holds of delivery. */
export interface SessionSync {
  /** Starts pushing. Once per session. */
  start(plan: SyncPlan): void;
  /** The write queue has room again. */
  drained(): void;
  /** Nothing more is handed over from now on. */
  end(): void;
}

/** Delivery as sessions and the rules use it. */
export interface DeliveryDoor {
  /**
   * Hands a checked request to the log, synchronously. `settled` is called once, after the commit, in the
   * order of the log; a refusal by the log itself (`busy`, `draining`) may come at once.
   */
  append(request: AppendRequest, settled: (result: AppendResult) => void): void;
  /** Whether a client id is on its way to the store on this node. */
  isPending(conversation: ConversationId, author: UserId, clientId: string): boolean;
  open(peer: Peer): SessionSync;
  /** Rows of these users' private state were changed in the store: their sessions everywhere are told. */
  changed(users: readonly UserId[]): void;
  /** Moves a position forward; resolves when it is stored. Bounded and written behind, many at once. */
  movePosition(move: {
    user: UserId;
    conversation: ConversationId;
    which: 'read' | 'delivered' | 'classic';
    to: Seq;
  }): Promise<void>;
  /** These devices were revoked: their sessions everywhere are closed. */
  revoked(user: UserId, devices: readonly DeviceId[]): void;
  /** Takes nothing new, and resolves when all that was taken is settled. */
  drain(): Promise<void>;
}
