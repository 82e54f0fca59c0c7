import type { ClientError } from './errors.ts';

/** Why a client has no link and tries no more by itself. */
export type OfflineReason =
  /** Not asked to connect yet. */
  | 'new'
  /** `close` was called. */
  | 'closed'
  /** Reconnecting is off, and the link was lost or never came about. */
  | 'lost'
  /** The token is not valid, or no longer: it was revoked, the account was disabled, or the database is another one. */
  | 'auth'
  /** The server said that coming back is useless. */
  | 'refused';

/** The state of the link. A field exists only where it means something; `error` says why in words and by code. */
export type LinkStatus =
  | { readonly state: 'connecting'; readonly attempt: number }
  | { readonly state: 'online' }
  /** Between two attempts: the next one begins at `untilMs` (milliseconds since 1970). */
  | { readonly state: 'waiting'; readonly untilMs: number; readonly attempt: number; readonly reason: string }
  | { readonly state: 'offline'; readonly reason: OfflineReason; readonly error: ClientError };
