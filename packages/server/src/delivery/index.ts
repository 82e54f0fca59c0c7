/** The message path's state machines and what carries them out, for the simulation and for tests. */
export {
  type AppendView,
  type MembershipChange,
  type PastEntry,
  type Plan,
  type PlannedRow,
  planAppend,
} from '../chat/append-plan.ts';
export { History, type HistoryPage } from '../chat/history.ts';
export { requestHash } from '../chat/request-hash.ts';
export { ConversationSync, type ConversationSyncEffects } from './conversation-sync.ts';
export { createDelivery, type Delivery } from './engine.ts';
export { RingBudget } from './entry-ring.ts';
export { Feed, type FeedEffects, type FeedListener, type Notice } from './feed.ts';
export { MESSAGE_LOG_LIMITS, MessageLog, type MessageLogEffects, type Pending } from './message-log.ts';
export type { DeliveryDoor, DeviceCursor, Gap, Peer, SessionSync, SyncPlan } from './peer.ts';
export { PeerSync, type SessionSyncEffects } from './session-sync.ts';
export type { SyncStart } from './sync-start.ts';
