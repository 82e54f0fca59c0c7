/** One row of the table of close reasons. */
export interface CloseReasonEntry {
  /** Whether the client should connect again by itself. */
  readonly reconnect: boolean;
  /** One sentence for the person who sees it. */
  readonly meaning: string;
}

/** Why the server ends a native connection; told in a last `close` event. docs/errors.md explains each. */
export const CLOSE_REASONS = {
  shutdown: { reconnect: true, meaning: 'The server is stopping.' },
  silent: { reconnect: true, meaning: 'Nothing was heard from the client for too long.' },
  slow_reader: { reconnect: true, meaning: 'The client made no progress in reading.' },
  login_timeout: { reconnect: true, meaning: 'Nobody logged in on this connection for too long.' },
  too_many_connections: { reconnect: true, meaning: 'This address or user has too many connections.' },
  stale: { reconnect: true, meaning: 'The server found its copy outdated and starts afresh.' },
  framing_lost: { reconnect: false, meaning: 'A frame was too long, so the rest cannot be read.' },
  unsupported_version: { reconnect: false, meaning: 'The server speaks none of the versions offered.' },
  revoked: { reconnect: false, meaning: 'This device was logged out.' },
  internal: { reconnect: true, meaning: 'The server made a mistake; it is in its log.' },
} as const satisfies Record<string, CloseReasonEntry>;

/** The closed set of reasons. */
export type CloseReason = keyof typeof CLOSE_REASONS;
