/** The door of the client library. Runs in any Node.js program; needs nothing but @parley/protocol. */
export {
  ChatClient,
  type ClientEvents,
  type ClientOptions,
  connect,
  type SendOptions,
} from './chat-client.ts';
export type { FieldsOf } from './connection.ts';
export { ConversationCursor, type CursorVerdict, type Position } from './conversation-cursor.ts';
export { CursorTable, type SyncOptions } from './cursor-table.ts';
export { ClientError, type ClientErrorKind, describeError } from './errors.ts';
export { LocalStore } from './local/local-store.ts';
export { Mirror } from './local/mirror.ts';
export { makePrivateFolder } from './local/private-folder.ts';
export { isDiskTrouble, type StoreFile, StoreFileError } from './local/store-file.ts';
export { Outbox } from './outbox/outbox.ts';
export type { OutboxItem } from './outbox/outbox-store.ts';
export { type Outgoing, type SendEffects, SendQueue } from './send-queue.ts';
export type { Sent } from './sending.ts';
export { formatServerAddress, parseServerAddress, type ServerAddress } from './server-address.ts';
export type { Sources } from './sources.ts';
export type { LinkStatus, OfflineReason } from './status.ts';
export { dialTcp } from './tcp-transport.ts';
export type { Dial, Transport, TransportListener } from './transport.ts';
