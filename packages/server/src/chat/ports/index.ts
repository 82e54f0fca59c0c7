/** What the rules need from outside. Types only, except StoreUnavailable and NO_DEVICE. */
export type { AccountStore } from './account-store.ts';
export type { Bus, BusEvent, BusListener, BusTopic } from './bus.ts';
export type { Clock, Timer } from './clock.ts';
export type { ContactRecord, ContactStore, EdgeChange } from './contact-store.ts';
export type {
  ConversationStore,
  GroupCreation,
  GroupRecord,
  MemberRecord,
  NewGroup,
  PositionMove,
} from './conversation-store.ts';
export type { DeviceStore } from './device-store.ts';
export type { Guesses } from './guesses.ts';
export type { Journal, JournalNews } from './journal.ts';
export type { CommitOutcome, EntryPage, LogLane, LogStore, PageLimit, SettleOutcome } from './log-store.ts';
export type { PasswordHasher } from './password-hasher.ts';
export type { Random } from './random.ts';
export type {
  AppendRequest,
  AppendResult,
  Conversation,
  ConversationId,
  Cursor,
  DeviceId,
  DeviceRecord,
  Entry,
  EntryKind,
  Head,
  Membership,
  Stay,
  UserRecord,
} from './records.ts';
export { NO_DEVICE } from './records.ts';
export type { StatePage, StateRow, StateStore, StateVersion } from './state-store.ts';
export { type Store, StoreUnavailable } from './store.ts';
export type { Whereabouts } from './whereabouts.ts';
