import type { AccountStore } from './account-store.ts';
import type { ContactStore } from './contact-store.ts';
import type { ConversationStore } from './conversation-store.ts';
import type { DeviceStore } from './device-store.ts';
import type { LogStore } from './log-store.ts';
import type { StateStore } from './state-store.ts';

/**
 * Everything that must last. Every method is one whole transaction; none hands out an open one.
 * Methods reject with StoreUnavailable when the store cannot be reached or is full: nothing of the call is stored.
 */
export interface Store extends AccountStore, DeviceStore, ContactStore, ConversationStore, StateStore, LogStore {
  /** Waits for what is under way, then closes. */
  close(): Promise<void>;
}

/** The store cannot serve now; the call may be repeated later. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}
