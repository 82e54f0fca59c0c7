/** The message path's state machines, for the simulation and for tests. */
export { ConversationSync, type ConversationSyncEffects } from './conversation-sync.ts';
export { RingBudget } from './entry-ring.ts';
export { Feed, type FeedEffects, type FeedListener, type Notice } from './feed.ts';
export { MESSAGE_LOG_LIMITS, MessageLog, type MessageLogEffects, type Pending } from './message-log.ts';
export type { DeliveryDoor, DeviceCursor, Gap, Peer, SessionSync, SyncPlan } from './peer.ts';
export { PeerSync, type SessionSyncEffects } from './session-sync.ts';
export type { SyncStart } from './sync-start.ts';
